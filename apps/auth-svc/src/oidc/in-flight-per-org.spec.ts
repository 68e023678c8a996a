import { describe, expect, it } from '@jest/globals';
import { InFlightPerOrg } from './in-flight-per-org.js';

describe('what an org has under way', () => {
  it('is bounded, by itself', async () => {
    const bounded = new InFlightPerOrg(1);
    let end = (): void => undefined;
    const first = bounded.run('one', () => new Promise<void>((resolve) => (end = resolve)));
    await expect(bounded.run('one', async () => 1)).rejects.toMatchObject({ reason: 'issuer_busy' });
    expect(await bounded.run('other', async () => 2)).toBe(2);
    end();
    await first;
    expect(await bounded.run('one', async () => 3)).toBe(3);
  });

  it('is over also where it fails', async () => {
    const bounded = new InFlightPerOrg(1);
    await expect(bounded.run('one', () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await bounded.run('one', async () => 3)).toBe(3);
  });
});
