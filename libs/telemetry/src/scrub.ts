/** Whatever looks like one of our credentials: API keys (1ck_, ocv_) and JWTs. The last line of defence, not the first. */
const CREDENTIALS = /\b(?:1ck_|ocv_)[A-Za-z0-9_-]{8,}|\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,2}/g;

export function scrub(line: string): string {
  return line.replace(CREDENTIALS, '[redacted]');
}
