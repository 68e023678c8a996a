import { describe, expect, it } from '@jest/globals';
import { SoftwareHsm } from '../hsm/testing/software-hsm.js';
import { MacsService } from './macs.service.js';

const macs = new MacsService(new SoftwareHsm());
const input = (purpose: string, data: string) => ({ purpose, data: Buffer.from(data) });

describe('a MAC', () => {
  it('differs between purposes, however the bytes are divided between purpose and data', async () => {
    const [one, two, three, again] = await macs.compute([
      input('ab', 'c'),
      input('a', 'bc'),
      input('abc', ''),
      input('ab', 'c'),
    ]);
    expect(new Set([one, two, three].map((mac) => mac!.toString('hex'))).size).toBe(3);
    expect(again).toEqual(one);
  });

  it('needs a purpose', async () => {
    await expect(macs.compute([input('', 'x')])).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
