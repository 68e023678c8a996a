import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SoftwareHsm } from '../hsm/testing/software-hsm.js';
import { SigningKeys } from './signing-keys.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('the key that signs', () => {
  it('is the newest of those that were there at the start', async () => {
    const hsm = new SoftwareHsm();
    hsm.rotate('token-signing');
    const [old, newest] = await new SigningKeys(hsm).list('token-signing');
    expect([old!.current, newest!.current]).toEqual([false, true]);
  });

  it('is a new one only after it has been published for five seconds', async () => {
    const hsm = new SoftwareHsm();
    const keys = new SigningKeys(hsm);
    const first = await keys.currentKeyId('token-signing');
    hsm.rotate('token-signing');

    const published = await keys.list('token-signing');
    expect(published.map(({ current }) => current)).toEqual([true, false]);
    jest.advanceTimersByTime(4900);
    expect(await keys.currentKeyId('token-signing')).toBe(first);
    jest.advanceTimersByTime(200);
    expect(await keys.currentKeyId('token-signing')).toBe(published[1]!.keyId);
  });

  it('is chosen for each use by itself', async () => {
    const hsm = new SoftwareHsm();
    const keys = new SigningKeys(hsm);
    await keys.list('token-signing');
    const [checkpoint] = await keys.list('checkpoint');
    expect(checkpoint!.current).toBe(true);
  });
});
