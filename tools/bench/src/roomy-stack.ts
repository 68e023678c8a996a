import os from 'node:os';
import { Stack } from '@oneclaw/stack';

/** One address sends everything, and no limit of the kind that protects a real gateway is to be measured. */
const NO_RATE_LIMIT = { RATE_LIMIT_PER_SECOND: '1000000', RATE_LIMIT_BURST: '1000000' };
/** Nor is a month's quota. Requests are counted all the same. */
const NO_QUOTA = { DEFAULT_TIER: 'enterprise' };

export const say = (line: string) => process.stderr.write(`${line}\n`);

/**
 * Runs work on a stack of its own, which commits to the disk as a real one does.
 * @param stateDir where it is kept for another run; without it, nothing is left
 */
export async function onStack(work: (stack: Stack) => Promise<void>, stateDir?: string): Promise<void> {
  say('starting a stack of its own (fsync on) …');
  const stack = await Stack.start({
    ...(stateDir === undefined ? {} : { stateDir }),
    durable: true,
    mail: false,
    env: { gateway: NO_RATE_LIMIT, 'billing-svc': NO_QUOTA },
  });
  try {
    await work(stack);
  } finally {
    await stack.stop();
  }
}

export function machine(): string {
  return `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, ${os.type()}`;
}
