const ISSUER = 'OneClaw';

/** What authenticator apps scan: the "Key URI Format" that all of them read. The parameters are those of our codes. */
export function otpauthUri(account: string, secret: string): string {
  const label = [ISSUER, account].map(encodeURIComponent).join(':');
  const parameters = new URLSearchParams({ secret, issuer: ISSUER, algorithm: 'SHA1', digits: '6', period: '30' });
  return `otpauth://totp/${label}?${parameters.toString()}`;
}
