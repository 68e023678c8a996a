import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build } from './build.mjs';
import { prepare, STACK_PACKAGES } from './prepare.mjs';
import { Progress } from './progress.mjs';
import { NODE, requireNode, ROOT } from './root.mjs';

/**
 * Gets a fresh clone ready, builds a package and what a stack needs, and runs one of the package's programs in this terminal on the
 * pinned Node. Its exit code becomes ours.
 * @param {string} folder of the package @param {string} program below its dist @param {string[]} args
 */
export async function runProgram(folder, program, args) {
  requireNode(20);
  const progress = new Progress();
  await prepare(progress);
  await progress.step('build', () => build([...STACK_PACKAGES, folder]));
  const run = spawnSync(NODE, [path.join(ROOT, folder, 'dist', program), ...args], { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
}
