import { describe, expect, it } from '@jest/globals';
import { RefusedTokens } from './refused-tokens.js';

describe('refused tokens', () => {
  it.each(['bad_signature', 'expired', 'revoked', 'credentials_changed'])('are remembered: %s', (reason) => {
    const refused = new RefusedTokens();
    refused.add('hash', reason);
    expect([refused.has('hash'), refused.has('other')]).toEqual([true, false]);
  });

  it('that have expired are looked at again after a while: a clock may have been ahead', () => {
    let now = 1;
    const refused = new RefusedTokens(() => now);
    refused.add('expired', 'expired');
    refused.add('revoked', 'revoked');
    now += 4000;
    expect([refused.has('expired'), refused.has('revoked')]).toEqual([true, true]);
    now += 2000;
    expect([refused.has('expired'), refused.has('revoked')]).toEqual([false, true]);
  });

  it.each(['unknown_key', 'not_yet_valid', 'issued_in_the_future', 'agent_inactive', 'agent_expired', 'not_a_member'])(
    'are asked for again where that can end: %s',
    (reason) => {
      const refused = new RefusedTokens();
      refused.add('hash', reason);
      expect(refused.has('hash')).toBe(false);
    },
  );
});
