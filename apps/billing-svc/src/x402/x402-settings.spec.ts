import { describe, expect, it } from '@jest/globals';
import { X402Settings } from '@oneclaw/contracts/billing';
import { parseX402Change } from './x402-settings.js';

const parse = (change: Partial<X402Settings>) => parseX402Change(X402Settings.fromPartial(change));
const ADDRESS = '0x00112233445566778899aAbBcCdDeEfF00112233';

describe('a change of the settings of x402', () => {
  it('has what is given; an empty text unsets', () => {
    expect(parse({})).toEqual({});
    expect(parse({ payTo: '', freeTierLimit: 0 })).toEqual({ payTo: null, freeTierLimit: 0 });
    const all = { payTo: ADDRESS, network: 'base-sepolia', scheme: 'exact', freeTierLimit: 7, asset: ADDRESS };
    expect(parse({ ...all, facilitatorUrl: 'https://facilitator.example/x' })).toEqual({
      ...all,
      facilitatorUrl: 'https://facilitator.example/x',
    });
  });

  it.each<[Partial<X402Settings>, string]>([
    [{ payTo: '0x1' }, 'pay_to'],
    [{ payTo: ADDRESS.slice(2) }, 'pay_to'],
    [{ asset: 'USDC' }, 'asset'],
    [{ network: 'Base' }, 'network'],
    [{ scheme: 'upto' }, 'scheme'],
    [{ scheme: '' }, 'scheme'],
    [{ freeTierLimit: 1_000_000_000_001 }, 'free_tier_limit'],
    [{ facilitatorUrl: 'ftp://facilitator.example' }, 'facilitator_url'],
    [{ facilitatorUrl: 'https://me:secret@facilitator.example' }, 'facilitator_url'],
  ])('refuses %j', (change, field) => {
    expect(() => parse(change)).toThrow(expect.objectContaining({ fields: { [field]: expect.any(String) } }));
  });
});
