import { describe, expect, it } from '@jest/globals';
import { RefusedTokens } from './refused-tokens.js';

describe('refused tokens', () => {
  it.each(['bad_signature', 'expired', 'revoked', 'credentials_changed'])('are remembered: %s', (reason) => {
    const refused = new RefusedTokens();
    refused.add('hash', reason);
    expect([refused.has('hash'), refused.has('other')]).toEqual([true, false]);
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
