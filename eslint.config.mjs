import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// The boundary rule skips itself, with a mere warning, when nx has no graph of the workspace; so make one first.
await createProjectGraphAsync({ exitOnError: true });

/** Packages with one home, because their rules are easy to break: see docs/architecture.md. */
const CONFINED = {
  grpc: { group: ['@grpc/*'], message: 'Only libs/rpc may import grpc-js.' },
  nats: { group: ['@nats-io/*', 'nats'], message: 'Only libs/events may import NATS.' },
  hsm: {
    group: ['graphene-pk11', 'pkcs11js'],
    message: 'Only apps/crypto-svc/src/hsm may load PKCS#11.',
  },
};

/** `no-restricted-imports` for everything confined, but for what lives here. */
const confinedExcept = (home) => ({
  'no-restricted-imports': [
    'error',
    {
      patterns: Object.entries(CONFINED).flatMap(([name, rule]) => (name === home ? [] : [rule])),
      paths: ['process', 'node:process'].map((name) => ({
        name,
        message: 'Use the global; libs/config reads the environment.',
      })),
    },
  ],
});

const PROCESS_ENV = { object: 'process', property: 'env', message: 'Only libs/config reads the environment.' };
const TESTS = ['**/*.spec.ts', '**/*.int-spec.ts', '**/*.e2e-spec.ts'];

export default defineConfig(
  {
    ignores: [
      '**/node_modules/',
      '**/dist/',
      '**/coverage/',
      '**/.nx/',
      '**/.oneclaw/',
      'libs/contracts/src/generated/',
      'deploy/',
      'docs/',
    ],
  },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      ...confinedExcept('nothing'),
      'no-restricted-properties': ['error', PROCESS_ENV],
      eqeqeq: 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          destructuredArrayIgnorePattern: '^_',
          ignoreRestSiblings: true,
        },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          banTransitiveDependencies: false,
          depConstraints: [
            { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib'] },
            { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:lib'] },
            { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:lib', 'type:tool'] },
            { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['type:lib', 'type:tool'] },
          ],
        },
      ],
    },
  },
  // Jest loads its resolver with require().
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  // The homes of the confined packages.
  { files: ['libs/rpc/**/*.ts'], rules: confinedExcept('grpc') },
  { files: ['libs/events/**/*.ts'], rules: confinedExcept('nats') },
  { files: ['apps/crypto-svc/src/hsm/**/*.ts'], rules: confinedExcept('hsm') },
  // Who may read the environment.
  {
    files: ['libs/config/**/*.ts', 'libs/testing/**/*.ts', 'tools/**/*.ts', 'e2e/**/*.ts', ...TESTS],
    rules: { 'no-restricted-properties': 'off' },
  },
  prettier,
);
