import { randomInt } from 'node:crypto';
import { whyNot } from '../setup/ports.mjs';

// Below what Linux (32768), macOS and Windows (49152) hand out for outgoing connections: a port from there could be
// gone in the moment between a service's death and its restart.
const FIRST = 18_000;
const LAST = 31_999;

/** Workers of one test run choose at the same time, and a port is bound only later: each has every eighth one. */
const SHARES = 8;
const share = Number(process.env['JEST_WORKER_ID'] ?? 0) % SHARES;

const taken = new Set<number>();

/** A port on loopback that nobody has and that this process has not given out before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = FIRST + share + SHARES * randomInt((LAST + 1 - FIRST) / SHARES);
    if (taken.has(port) || (await whyNot(port)) !== undefined) continue;
    taken.add(port);
    return port;
  }
  throw new Error(`Found no free port between ${FIRST} and ${LAST}.`);
}
