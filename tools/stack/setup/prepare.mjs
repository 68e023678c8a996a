import { existsSync } from 'node:fs';
import path from 'node:path';
import { dependenciesCurrent, installDependencies } from './dependencies.mjs';
import { ensureNativeTools } from './native-tools.mjs';
import { ROOT } from './root.mjs';

/** The packages that `npm start` runs. */
export const STACK_PACKAGES = ['crypto-svc', 'auth-svc', 'vault-svc', 'billing-svc', 'audit-svc', 'gateway']
  .map((app) => `apps/${app}`)
  .concat('tools/stack');

/**
 * What a fresh clone needs before anything of ours can run.
 * @param {import('./progress.mjs').Progress} progress
 * @param {() => Promise<void>} [beforeInstall] looks for reasons to stop before a long install
 * @param {{ browser?: boolean }} [options] browser: pages are to be tested
 */
export async function prepare(progress, beforeInstall = async () => {}, { browser = false } = {}) {
  const install = !dependenciesCurrent();
  if (install) await beforeInstall();
  await progress.step('tools', (detail) => ensureNativeTools({ detail, compiler: install, browser }));
  if (install) await progress.step('dependencies', installDependencies);
}

/** As an environment for our own command-line programs: node_modules/.bin first, so that `node` is the pinned one. */
export function toolEnvironment() {
  const bin = path.join(ROOT, 'node_modules/.bin');
  return { ...process.env, PATH: [bin, process.env.PATH].join(path.delimiter) };
}

/** The folder of a package by its name (`vault-svc`) or path (`libs/events`). */
export function packageFolder(name) {
  return ['', 'apps/', 'libs/', 'tools/']
    .map((prefix) => prefix + name.replace(/\/$/, ''))
    .find((folder) => existsSync(path.join(ROOT, folder, 'package.json')) && folder !== '');
}
