import preset from './jest.preset.mjs';

/** Three sizes of test, told apart by their suffix; see CONTRIBUTING.md. */
export default {
  testSequencer: '<rootDir>/tools/jest/sequencer.mjs',
  projects: [
    { ...preset, displayName: 'unit', testMatch: ['**/*.spec.ts'] },
    {
      ...preset,
      displayName: 'int',
      testMatch: ['**/*.int-spec.ts'],
      globalSetup: '<rootDir>/tools/jest/int-setup.mjs',
      globalTeardown: '<rootDir>/tools/jest/int-teardown.mjs',
      setupFilesAfterEnv: ['<rootDir>/tools/jest/timeout-60s.mjs'],
    },
    {
      ...preset,
      displayName: 'e2e',
      testMatch: ['**/*.e2e-spec.ts'],
      globalSetup: '<rootDir>/tools/jest/e2e-setup.mjs',
      globalTeardown: '<rootDir>/tools/jest/e2e-teardown.mjs',
      setupFilesAfterEnv: ['<rootDir>/tools/jest/timeout-60s.mjs'],
    },
    // Needs another release, built: `npm run test:compat`.
    { ...preset, displayName: 'compat', testMatch: ['**/*.compat-spec.ts'] },
  ],
};
