import { availableParallelism } from 'node:os';

const engine = 'apps/vault-svc/src/policies/engine';

/**
 * `npm run mutate`: changes the policy engine in hundreds of small ways, and holds that its tests notice (docs/policies.md has the
 * score). Not part of `npm test`: it takes minutes.
 */
export default {
  mutate: [`${engine}/*.ts`, `!${engine}/*.spec.ts`],
  testRunner: 'jest',
  // Jest runs ES modules only so; see the `jest` script.
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: { projectType: 'custom', configFile: 'tools/mutation/jest.config.mjs' },
  coverageAnalysis: 'perTest',
  concurrency: Math.max(1, availableParallelism() - 1),
  // Nothing else is copied into the sandbox.
  ignorePatterns: ['**', '!package.json', '!jest.preset.mjs', '!tools/jest/**', '!tools/mutation/**', `!${engine}/**`],
  tempDirName: '.oneclaw/stryker',
  reporters: ['clear-text', 'progress'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 85 },
};
