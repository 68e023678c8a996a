import { describe, expect, it } from '@jest/globals';
import { Readiness } from './readiness.js';

describe('readiness', () => {
  it('is given only while every check passes', async () => {
    let broken = false;
    const readiness = new Readiness();
    readiness.add('database', () => {
      if (broken) throw new Error('connection refused');
    });
    expect(await readiness.report()).toMatchObject({ ready: true, checks: { database: 'ok' } });
    broken = true;
    expect(await readiness.report()).toMatchObject({ ready: false, checks: { database: 'connection refused' } });
  });

  it('is withdrawn for good once the process drains', async () => {
    const readiness = new Readiness();
    readiness.drain();
    expect((await readiness.report()).ready).toBe(false);
  });
});
