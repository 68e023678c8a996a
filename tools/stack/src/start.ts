import path from 'node:path';
import { fixedPorts } from '../setup/ports.mjs';
import { Progress } from '../setup/progress.mjs';
import { main, ROOT, SetupError } from '../setup/root.mjs';
import { LogView } from './log-view.js';
import { quickstart } from './quickstart.js';
import { SERVICE_NAMES, type ServiceName } from './services.js';
import { Stack } from './stack.js';

const started = Date.now();
const out = process.stdout;
const view = new LogView(Boolean(out.isTTY) && !process.env['NO_COLOR']);

/** Of Postgres and NATS only what somebody should look at; everything is in the log files. */
const WORTH_SHOWING: Record<string, RegExp> = { postgres: /\b(FATAL|PANIC)\b/, nats: /\[(ERR|FTL)\]/ };

// The terminal may go away before we do.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

let showing = false;
function onLine(source: string, line: string): void {
  if (showing && (WORTH_SHOWING[source]?.test(line) ?? true)) out.write(`${view.format(source, line)}\n`);
}

function notice(message: string): void {
  onLine('stack', JSON.stringify({ level: 'warn', msg: message }));
}

await main(async () => {
  const progress = new Progress();
  const stack = await Stack.create({
    stateDir: process.env['ONECLAW_STATE'] || path.join(ROOT, '.oneclaw'),
    ports: fixedPorts(),
    host: process.env['HOST'] || '127.0.0.1',
    byHand: byHand(),
    durable: true,
    supervise: true,
    env: { all: { LOG_LEVEL: process.env['LOG_LEVEL'] || 'info' } },
    onLine,
    notice,
    step: (label, work) => progress.step(label, work),
  });
  const stopped = stopOnSignals(stack, progress);
  try {
    await stack.start();
  } catch (error) {
    // Stopping makes a start fail; that is no news.
    if (!stopped.asked) throw error;
    return;
  }
  out.write(summary(stack));
  showing = true;
});

/** `WITHOUT=vault-svc,gateway npm start`: those are run by hand. */
function byHand(): ServiceName[] {
  const names = (process.env['WITHOUT'] ?? '').split(',').filter((name) => name !== '');
  const unknown = names.filter((name) => !SERVICE_NAMES.includes(name as ServiceName));
  if (unknown.length > 0) {
    throw new SetupError(`WITHOUT names ${unknown.join(', ')}; the services are ${SERVICE_NAMES.join(', ')}.`);
  }
  return names as ServiceName[];
}

/** The first signal stops in order, a second one at once. Should the command that started us vanish, we stop too. */
function stopOnSignals(stack: Stack, progress: Progress): { asked: boolean } {
  const state = { asked: false };
  const stop = (): void => {
    if (state.asked) {
      stack.abort();
      process.exit(130);
    }
    state.asked = true;
    showing = false;
    progress.silence();
    out.write('\n  Stopping …\n');
    stack.stop().then(
      () => {
        out.write('  Stopped.\n');
        if (process.connected) process.disconnect();
      },
      (error: unknown) => {
        process.stderr.write(`Stopping failed: ${String(error)}\n`);
        stack.abort();
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  process.once('disconnect', () => {
    if (!state.asked) stop();
  });
  return state;
}

function summary(stack: Stack): string {
  const url = `http://localhost:${stack.service('gateway').ports.main}`;
  const rows: [string, string][] = [
    ['API', url],
    ['API docs', `${url}/docs`],
    ['Admin', `${stack.admin.email}, password ${stack.admin.password} unless you have changed it`],
    ['Mail', stack.mail?.webUrl ?? 'off'],
    ['Postgres', stack.postgres.url().replace(/:[^:@/]+@/, ':…@')],
    ['NATS', `nats://127.0.0.1:${stack.nats.port}`],
    ...stack.services.map((service): [string, string] => [
      service.instance,
      service.running
        ? `pid ${String(service.pid).padEnd(8)} health and metrics ${service.adminUrl}`
        : `node_modules/.bin/node --env-file ${stack.state.at('env', service.instance)}.env apps/${service.name}/dist/main.js`,
    ]),
    ['State', stack.state.path],
    ['Logs', stack.state.logs],
  ];
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  return [
    '',
    `OneClaw is ready (${seconds} s). Ctrl-C stops it.`,
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(12)} ${value}`),
    '',
    'Quickstart (paste into a shell):',
    '',
    quickstart(url),
    '',
  ].join('\n');
}
