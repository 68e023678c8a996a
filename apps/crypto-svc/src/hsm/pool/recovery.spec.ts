import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { WorkerRequest, WorkerResponse } from './messages.js';
import { Recovery } from './recovery.js';
import type { WorkerState, WorkerThread } from './worker-thread.js';

const connected: WorkerResponse = { type: 'done' };
const away: WorkerResponse = { type: 'failed', kind: 'unavailable', detail: 'away' };
const wrongPin: WorkerResponse = { type: 'failed', kind: 'locked', detail: 'CKR_PIN_INCORRECT' };

/** Answers "connect" with the next of `answers`, the last one for ever. */
class FakeWorker {
  state: WorkerState = 'idle';
  connected = false;
  provenAt = 0;
  settled = Promise.resolve();
  constructor(
    private readonly log: string[],
    readonly answers: WorkerResponse[] = [connected],
  ) {}

  async send(request: WorkerRequest): Promise<WorkerResponse> {
    this.log.push(request.type);
    if (request.type !== 'connect') return { type: 'done' };
    return this.answers.length > 1 ? this.answers.shift()! : this.answers[0]!;
  }
}

let log: string[];
beforeEach(() => {
  log = [];
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function recoveryOf(workers: FakeWorker[]): Recovery {
  const options = { pin: 'pin', connectTimeoutMs: 100, callTimeoutMs: 100, retryMs: { first: 500, most: 2000 } };
  const events = { up: () => log.push('up'), down: () => log.push('down') };
  return new Recovery(() => workers as unknown as WorkerThread[], options, events);
}

describe('Recovery', () => {
  it('connects one worker after the other at the start, without finalising', async () => {
    const recovery = recoveryOf([new FakeWorker(log), new FakeWorker(log)]);
    recovery.connectWorkers();
    await jest.advanceTimersByTimeAsync(0);
    expect(log).toEqual(['connect', 'connect', 'up']);
  });

  it('finalises once when the token was lost, however many notice it', async () => {
    const recovery = recoveryOf([new FakeWorker(log), new FakeWorker(log)]);
    recovery.connectWorkers();
    await jest.advanceTimersByTimeAsync(0);
    log.length = 0;
    for (let notice = 0; notice < 3; notice++) recovery.onTokenLost();
    expect(recovery.state).toBe('recovering');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(log).toEqual(['finalise', 'connect', 'connect', 'up']);
  });

  it('never tries a refused PIN again, not by another worker, not later, not on demand', async () => {
    const recovery = recoveryOf([new FakeWorker(log, [wrongPin]), new FakeWorker(log, [wrongPin])]);
    recovery.connectWorkers();
    await jest.advanceTimersByTimeAsync(600_000);
    recovery.onTokenLost();
    recovery.connectWorkers();
    await jest.advanceTimersByTimeAsync(600_000);
    expect(log).toEqual(['connect', 'down']);
    expect(recovery.failure).toMatchObject({ kind: 'locked' });
  });

  it('tries a device that is away again and again, ever more slowly', async () => {
    const recovery = recoveryOf([new FakeWorker(log, [away])]);
    recovery.connectWorkers();
    const downsAfter = async (ms: number) => {
      await jest.advanceTimersByTimeAsync(ms);
      return log.filter((entry) => entry === 'down').length;
    };
    expect(await downsAfter(0)).toBe(1);
    expect(await downsAfter(500)).toBe(2);
    expect(await downsAfter(1000)).toBe(3);
    expect(await downsAfter(2000)).toBe(4);
    expect(await downsAfter(2000)).toBe(5);
  });

  it('is up again as soon as the device is back', async () => {
    const recovery = recoveryOf([new FakeWorker(log, [away, away, away, connected])]);
    recovery.connectWorkers();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(recovery.state).toBe('up');
    expect(recovery.failure).toBeUndefined();
  });

  it('does not finalise while a worker is stuck inside the module', async () => {
    const stuck = new FakeWorker(log);
    stuck.state = 'stuck';
    const recovery = recoveryOf([stuck, new FakeWorker(log)]);
    recovery.onTokenLost();
    await jest.advanceTimersByTimeAsync(0);
    expect(log).toEqual(['connect', 'up']);
  });

  it('is down when every worker is stuck', async () => {
    const stuck = new FakeWorker(log);
    stuck.state = 'stuck';
    const recovery = recoveryOf([stuck]);
    recovery.onTokenLost();
    await jest.advanceTimersByTimeAsync(0);
    expect(log).toEqual(['down']);
    expect(recovery.failure).toMatchObject({ kind: 'unavailable' });
  });
});
