const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PADDING = 0x3d; // "="

/** Base64 (RFC 4648) as bytes: a string with a key in it could not be wiped. */
export function base64Bytes(raw: Uint8Array): Buffer {
  const text = Buffer.alloc(Math.ceil(raw.length / 3) * 4, PADDING);
  for (let from = 0, to = 0; from < raw.length; from += 3, to += 4) {
    const present = Math.min(3, raw.length - from);
    const group = (raw[from]! << 16) | ((raw[from + 1] ?? 0) << 8) | (raw[from + 2] ?? 0);
    for (let digit = 0; digit <= present; digit++) text[to + digit] = ALPHABET[(group >> (18 - 6 * digit)) & 63]!;
  }
  return text;
}
