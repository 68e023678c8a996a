import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { build } from './setup/build.mjs';
import { dependenciesCurrent, installDependencies } from './setup/dependencies.mjs';
import { ensureNativeTools } from './setup/native-tools.mjs';
import { Progress } from './setup/progress.mjs';
import { main, NODE, requireNode, ROOT } from './setup/root.mjs';

const APPS = ['crypto-svc', 'auth-svc', 'vault-svc', 'billing-svc', 'audit-svc', 'gateway'];

/** `npm run bench [-- --seconds 20 --save file.json --compare file.json]`: measures a stack of its own. */
await main(async () => {
  requireNode(20);
  const progress = new Progress();
  const install = !dependenciesCurrent();
  await progress.step('tools', (detail) => ensureNativeTools({ detail, compiler: install }));
  if (install) await progress.step('dependencies', installDependencies);
  await progress.step('build', () => build([...APPS.map((app) => `apps/${app}`), 'tools/bench']));
  const entry = path.join(ROOT, 'tools/bench/dist/main.js');
  const { status } = spawnSync(NODE, ['--enable-source-maps', entry, ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
});
