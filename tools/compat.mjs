import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from './stack/setup/build.mjs';
import { prepare, toolEnvironment } from './stack/setup/prepare.mjs';
import { Progress } from './stack/setup/progress.mjs';
import { main, NODE, requireNode, ROOT } from './stack/setup/root.mjs';
import { run, runOrFail } from './stack/setup/run-command.mjs';

/**
 * `npm run test:compat`: this release beside the previous one, the commit or tag in tools/previous-release, which is built from git into
 * a folder of its own and kept there. What must hold is in docs/upgrades.md. `PREVIOUS_RELEASE` names a built checkout instead.
 */
await main(async () => {
  requireNode(20);
  const progress = new Progress();
  await prepare(progress);
  await progress.step('build', () => build());
  const previous = process.env.PREVIOUS_RELEASE ?? (await previousRelease(progress));
  const env = { ...toolEnvironment(), PREVIOUS_RELEASE: path.resolve(previous) };
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const args = [...jest, '--selectProjects', 'compat', '--runInBand', ...process.argv.slice(2)];
  const { code } = await run(NODE, args, { cwd: ROOT, env, stdio: 'inherit' });
  process.exitCode = code;
});

async function previousRelease(progress) {
  const name = readFileSync(path.join(ROOT, 'tools/previous-release'), 'utf8').trim();
  const git = (...args) =>
    runOrFail('git', args, { cwd: ROOT }, `git knows no ${name}. A shallow clone needs: git fetch --unshallow --tags`);
  const commit = (await git('rev-parse', '--verify', `${name}^{commit}`)).trim();
  const folder = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'oneclaw/releases', commit);
  if (existsSync(folder)) return folder;
  // Its name is its own only once it is whole.
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await progress.step(`previous release ${commit.slice(0, 12)}`, async () => {
      await git('archive', '--output', path.join(unfinished, '.tar'), commit);
      const there = { cwd: unfinished };
      await runOrFail('tar', ['-xf', '.tar'], there, 'The previous release could not be unpacked.');
      await runOrFail('npm', ['ci'], there, 'npm ci of the previous release failed. What it said is above.');
      const tsc = path.join(unfinished, 'node_modules/typescript/bin/tsc');
      await runOrFail(NODE, [tsc, '--build'], there, 'The previous release does not build.');
    });
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}
