import { createHmac } from 'node:crypto';

/** What an authenticator app does (RFC 6238), for tests. */
export function codeAt(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeUInt32BE(step, 4);
  const mac = createHmac('sha1', secret).update(counter).digest();
  const number = mac.readUInt32BE((mac[19] as number) & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, '0');
}

export function stepAt(ms: number): number {
  return Math.floor(ms / 30_000);
}

export function fromBase32(text: string): Buffer {
  const bits = [...text]
    .map((digit) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(digit).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}
