import preset from '../../jest.preset.mjs';

const engine = '<rootDir>/apps/vault-svc/src/policies/engine';

/** The unit tests of the policy engine, for its mutants. */
export default { ...preset, roots: [engine], testMatch: [`${engine}/**/*.spec.ts`] };
