import { createHmac, timingSafeEqual } from 'node:crypto';

/** RFC 4226, section 4: at least 128 bits, 160 recommended. */
export const SECRET_BYTES = 20;
const STEP_MS = 30_000;
const DIGITS = 6;
/** Newest first. One step either way makes up for clocks and slow fingers (RFC 6238, section 5.2). */
const TOLERANCE = [1, 0, -1];

/** HOTP (RFC 4226, section 5.3): the code of one step. */
export function codeAt(secret: Uint8Array, step: number, digits = DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) as number) & 0xf;
  const truncated = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(truncated % 10 ** digits).padStart(digits, '0');
}

/** The number of the step that a moment (epoch milliseconds) belongs to (RFC 6238, section 4.2). */
export function stepAt(ms: number): number {
  return Math.floor(ms / STEP_MS);
}

/** The newest step within the tolerance whose code this is; `undefined` for a wrong code. Compares in constant time. */
export function matchingStep(secret: Uint8Array, code: string, nowMs: number): number | undefined {
  const given = Buffer.from(code);
  if (given.length !== DIGITS) return undefined;
  const matches = TOLERANCE.map((offset) => stepAt(nowMs) + offset).filter((step) =>
    timingSafeEqual(Buffer.from(codeAt(secret, step)), given),
  );
  return matches[0];
}
