import { describe, expect, it } from '@jest/globals';
import { TokenRefused } from './jws.js';
import { statementRefusal, tokenRefusal } from './statement-refusal.js';

describe('a statement of another service that is refused', () => {
  it.each(['expired', 'issued_in_the_future', 'not_yet_valid'])(
    'for being %s says that clocks differ, and may be tried again',
    (reason) => {
      expect(statementRefusal(new TokenRefused(reason))).toMatchObject({ code: 'unavailable' });
    },
  );

  it.each(['malformed', 'bad_signature', 'unknown_key', 'wrong_type'])('for being %s names nobody', (reason) => {
    expect(statementRefusal(new TokenRefused(reason))).toMatchObject({ code: 'unauthenticated' });
  });
});

describe('a token that its holder has kept, and that is refused', () => {
  it.each(['issued_in_the_future', 'not_yet_valid'])('for being %s is not its holder’s fault', (reason) => {
    expect(tokenRefusal(new TokenRefused(reason))).toMatchObject({ code: 'unavailable' });
  });

  it.each(['expired', 'malformed', 'bad_signature', 'unknown_key'])('for being %s names nobody', (reason) => {
    expect(tokenRefusal(new TokenRefused(reason))).toMatchObject({ code: 'unauthenticated' });
  });
});
