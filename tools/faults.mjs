import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build } from './stack/setup/build.mjs';
import { prepare, STACK_PACKAGES } from './stack/setup/prepare.mjs';
import { Progress } from './stack/setup/progress.mjs';
import { main, NODE, requireNode, ROOT } from './stack/setup/root.mjs';

/**
 * `npm run test:faults [-- <pattern>] [--save <file.md>]` breaks stacks of its own, under load; `npm run test:plaintexts
 * [-- --reads <count>]` compares what is read with what was written (docs/reliability.md).
 */
await main(async () => {
  requireNode(20);
  const progress = new Progress();
  await prepare(progress);
  await progress.step('build', () => build([...STACK_PACKAGES, 'e2e']));
  const [mode, ...options] = process.argv.slice(2);
  const program = path.join(ROOT, 'e2e/dist/faults/full', mode === 'plaintexts' ? 'plaintexts.js' : 'main.js');
  const run = spawnSync(NODE, [program, ...options], { cwd: ROOT, stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
});
