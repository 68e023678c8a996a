import { describe, expect, it } from '@jest/globals';
import { FairShare } from './fair-share.js';

function keepBusy(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

describe('the fair share of a long loop', () => {
  it('is used up after a while, lets others run, and begins anew', async () => {
    const share = new FairShare(Date.now() + 60_000);
    let ran = false;
    setImmediate(() => (ran = true));
    keepBusy(11);
    expect([share.isUsedUp, ran]).toEqual([true, false]);
    await share.letOthersRun();
    expect([share.isUsedUp, ran]).toEqual([false, true]);
  });

  it('ends when nobody waits for the loop any longer', async () => {
    const share = new FairShare(Date.now());
    await expect(share.letOthersRun()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
