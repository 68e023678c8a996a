/** The lowest UUIDv7 of a moment (RFC 9562: the first 48 bits are Unix milliseconds); of 0, the lowest UUID. */
export function idFloor(epochMs: number): string {
  const time = Math.max(0, epochMs).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}
