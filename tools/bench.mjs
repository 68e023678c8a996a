import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build } from './stack/setup/build.mjs';
import { prepare, STACK_PACKAGES } from './stack/setup/prepare.mjs';
import { Progress } from './stack/setup/progress.mjs';
import { main, NODE, requireNode, ROOT } from './stack/setup/root.mjs';

const MODES = ['growth', 'audit'];

/** `npm run bench [-- growth | audit] [-- --seconds 20 --only read --save file.json --compare file.json]`: measures a stack of its own. */
await main(async () => {
  requireNode(20);
  const progress = new Progress();
  await prepare(progress);
  await progress.step('build', () => build([...STACK_PACKAGES, 'tools/bench']));
  const [mode, ...rest] = process.argv.slice(2);
  const [entry, options] = MODES.includes(mode) ? [`${mode}/main.js`, rest] : ['main.js', process.argv.slice(2)];
  const program = path.join(ROOT, 'tools/bench/dist', entry);
  const run = spawnSync(NODE, [program, ...options], { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
});
