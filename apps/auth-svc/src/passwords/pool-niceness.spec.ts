import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { makePoolNice } from './pool-niceness.js';

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('the niceness of the pool', () => {
  onLinux('is that of its threads only', async () => {
    await readFile('/proc/self/comm');
    const before = os.getPriority();
    expect(makePoolNice(before + 1)).toBeGreaterThan(0);
    expect(os.getPriority()).toBe(before);
    const pool = readdirSync('/proc/self/task').filter(
      (id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim() === 'libuv-worker',
    );
    expect(new Set(pool.map((id) => os.getPriority(Number(id))))).toEqual(new Set([before + 1]));
  });

  it('stays when it is 0', () => {
    expect(makePoolNice(0)).toBe(0);
  });
});
