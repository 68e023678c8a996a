import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';

const TASKS = '/proc/self/task';
const POOL_THREAD = 'libuv-worker';

/**
 * Makes the threads that hash give way to everything else on this machine. On Linux each thread has a nice value of its own
 * (sched(7)), so the event loop keeps its own; elsewhere nothing is changed. The pool must have started.
 * @returns how many threads were changed
 */
export function makePoolNice(niceness: number): number {
  if (niceness === 0 || process.platform !== 'linux') return 0;
  const threads = readdirSync(TASKS).filter((id) => nameOf(id) === POOL_THREAD);
  for (const id of threads) os.setPriority(Number(id), niceness);
  return threads.length;
}

function nameOf(thread: string): string {
  return readFileSync(`${TASKS}/${thread}/comm`, 'utf8').trim();
}
