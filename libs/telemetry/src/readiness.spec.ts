import { describe, expect, it } from '@jest/globals';
import { Readiness } from './readiness.js';

describe('readiness', () => {
  it('is given only while every check passes', async () => {
    let broken = false;
    const readiness = new Readiness();
    readiness.serve();
    readiness.add('database', () => {
      if (broken) throw new Error('connection refused');
    });
    expect(await readiness.report()).toMatchObject({ ready: true, checks: { database: 'ok' } });
    broken = true;
    expect(await readiness.report()).toMatchObject({ ready: false, checks: { database: 'connection refused' } });
  });

  it('does not depend on what is late, which shows beside it', async () => {
    let seconds = 0.2;
    const readiness = new Readiness();
    readiness.serve();
    readiness.lag('outbox_lag_seconds', () => seconds);
    expect(await readiness.report()).toMatchObject({
      ready: true,
      current: true,
      details: { outbox_lag_seconds: 0.2 },
    });
    seconds = 11;
    expect(await readiness.report()).toMatchObject({
      ready: true,
      current: false,
      details: { outbox_lag_seconds: 11 },
    });
  });

  it('says that nothing is known of a lag which cannot be measured, and not that all is well', async () => {
    const readiness = new Readiness();
    readiness.lag('outbox_lag_seconds', () => Promise.reject(new Error('connection refused')));
    expect(await readiness.report()).toMatchObject({ current: false, details: { outbox_lag_seconds: 'unknown' } });
  });

  it('is not given before the process accepts calls, whatever the checks say', async () => {
    const readiness = new Readiness();
    readiness.add('database', () => undefined);
    expect(await readiness.report()).toMatchObject({ ready: false, checks: { process: 'starting' } });
    readiness.serve();
    expect(await readiness.report()).toMatchObject({ ready: true, checks: { database: 'ok' } });
  });

  it('is withdrawn for good once the process drains', async () => {
    const readiness = new Readiness();
    readiness.serve();
    readiness.drain();
    readiness.serve();
    expect(await readiness.report()).toMatchObject({ ready: false, checks: { process: 'draining' } });
  });
});
