/**
 * Associated data for AES-GCM that cannot be read in two ways: the purpose and each part are preceded by their length
 * (four bytes, big endian).
 */
export function associatedData(purpose: string, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from(purpose, 'utf8'), ...parts].flatMap((part) => [length(part), part]));
}

function length(part: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(part.length);
  return bytes;
}
