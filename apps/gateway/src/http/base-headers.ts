const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};
const HSTS = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' };

export type BaseHeaders = Readonly<Record<string, string>>;

/** What every answer carries, whoever writes it. HSTS only makes sense where clients come over TLS (RFC 6797, section 7.2). */
export function baseHeaders(publicUrl: string): BaseHeaders {
  return publicUrl.startsWith('https:') ? { ...ALWAYS, ...HSTS } : ALWAYS;
}
