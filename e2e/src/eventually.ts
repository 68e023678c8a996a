import { setTimeout as pause } from 'node:timers/promises';

const PERIOD_MS = 25;

/** Asks again until the answer is there, at most so long. Answers how long it took, beside the value. */
export async function eventually<T>(
  what: string,
  withinMs: number,
  attempt: () => Promise<T | undefined>,
): Promise<{ value: T; elapsedMs: number }> {
  const start = performance.now();
  for (;;) {
    const value = await attempt();
    const elapsedMs = performance.now() - start;
    if (value !== undefined) return { value, elapsedMs };
    if (elapsedMs > withinMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await pause(PERIOD_MS);
  }
}
