import { spawn } from 'node:child_process';
import path from 'node:path';
import { build } from './stack/setup/build.mjs';
import { dependenciesCurrent, installDependencies } from './stack/setup/dependencies.mjs';
import { ensureNativeTools } from './stack/setup/native-tools.mjs';
import { assertFixedPortsFree, fixedPorts } from './stack/setup/ports.mjs';
import { Progress } from './stack/setup/progress.mjs';
import { main, NODE, requireNode, ROOT } from './stack/setup/root.mjs';

const APPS = ['crypto-svc', 'auth-svc', 'vault-svc', 'billing-svc', 'audit-svc', 'gateway'];

/** `npm start`: gets a fresh clone ready with whatever Node is here, then hands over to the stack on the pinned Node. */
await main(async () => {
  requireNode(20);
  const progress = new Progress();
  const install = !dependenciesCurrent();
  process.stdout.write('\nOneClaw\n\n');
  // Better now than after a minute of installing; later the stack itself looks, knowing whether it already runs.
  if (install) await assertFixedPortsFree(fixedPorts(), process.env.HOST);
  await progress.step('tools', (detail) => ensureNativeTools({ detail, compiler: install }));
  if (install) await progress.step('dependencies', installDependencies);
  await progress.step('build', () => build([...APPS.map((app) => `apps/${app}`), 'tools/stack']));
  handOver(path.join(ROOT, 'tools/stack/dist/start.js'));
});

/**
 * The stack runs in a session of its own, so that Ctrl-C reaches it once, through here, and never its children behind
 * its back. Should this process vanish, the open channel tells the stack.
 */
function handOver(entry) {
  const stack = spawn(NODE, ['--enable-source-maps', entry, ...process.argv.slice(2)], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stack.kill(signal));
  stack.on('error', (error) => {
    process.stderr.write(`Cannot run ${NODE}: ${error.message}\n`);
    process.exitCode = 1;
  });
  stack.on('exit', (code) => (process.exitCode = code ?? 1));
}
