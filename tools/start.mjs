import { spawn } from 'node:child_process';
import path from 'node:path';
import { build } from './stack/setup/build.mjs';
import { assertFixedPortsFree, fixedPorts } from './stack/setup/ports.mjs';
import { prepare, STACK_PACKAGES } from './stack/setup/prepare.mjs';
import { Progress } from './stack/setup/progress.mjs';
import { main, NODE, requireNode, ROOT } from './stack/setup/root.mjs';

/** `npm start`: gets a fresh clone ready with whatever Node is here, then hands over to the stack on the pinned Node. */
await main(async () => {
  requireNode(20);
  process.stdout.write('\nOneClaw\n\n');
  const progress = new Progress();
  // A taken port is better known before a minute of installing. Later the stack looks itself, knowing whether it runs.
  await prepare(progress, () => assertFixedPortsFree(fixedPorts(), process.env.HOST));
  await progress.step('build', () => build(STACK_PACKAGES));
  handOver(path.join(ROOT, 'tools/stack/dist/start.js'));
});

/**
 * The stack runs in a session of its own, so that Ctrl-C reaches it once, through here, and never its children behind
 * its back. Should this process vanish, the open channel tells the stack.
 */
function handOver(entry) {
  const stack = spawn(NODE, ['--enable-source-maps', entry], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stack.kill(signal));
  if (process.env.npm_lifecycle_event) onceOrphaned(() => stack.kill('SIGTERM'));
  stack.on('error', (error) => {
    process.stderr.write(`Cannot run ${NODE}: ${error.message}\n`);
    process.exitCode = 1;
  });
  stack.on('exit', (code) => (process.exitCode = code ?? 1));
}

/** npm may be killed without a word to us. */
function onceOrphaned(then) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    then();
  }, 500);
  watch.unref();
}
