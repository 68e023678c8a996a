import { describe, expect, it } from '@jest/globals';
import { otpauthUri } from './otpauth-uri.js';

describe('the URI for authenticator apps', () => {
  it('names issuer, account and secret', () => {
    expect(otpauthUri('ada@example.com', 'GEZDGNBV')).toBe(
      'otpauth://totp/OneClaw:ada%40example.com?secret=GEZDGNBV&issuer=OneClaw&algorithm=SHA1&digits=6&period=30',
    );
  });

  it('lets no address add parameters', () => {
    const uri = new URL(otpauthUri('a&secret=x?#/@example.com', 'GEZDGNBV'));
    expect(uri.searchParams.getAll('secret')).toEqual(['GEZDGNBV']);
    expect(uri.hash).toBe('');
  });
});
