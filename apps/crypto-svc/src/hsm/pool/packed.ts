/**
 * Fields of bytes in one buffer with an ArrayBuffer of its own, so that a message to or from a worker is moved, not
 * copied: a copied key would leave a second one behind that nobody can zero. (Copying a small Buffer would even copy the
 * shared pool it lies in.) Each field is preceded by its length, four bytes.
 */
export function pack(fields: readonly Uint8Array[]): Buffer<ArrayBuffer> {
  const packed = Buffer.allocUnsafeSlow(fields.reduce((size, field) => size + 4 + field.length, 0));
  let at = 0;
  for (const field of fields) {
    at = packed.writeUInt32BE(field.length, at);
    packed.set(field, at);
    at += field.length;
  }
  return packed;
}

/** Views into the message, not copies: zeroing the message zeroes them. */
export function unpack(message: Uint8Array): Buffer[] {
  const packed = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const fields: Buffer[] = [];
  for (let at = 0; at < packed.length;) {
    const start = at + 4;
    at = start + packed.readUInt32BE(at);
    if (at > packed.length) throw new RangeError('a packed field ends outside of its message');
    fields.push(packed.subarray(start, at));
  }
  return fields;
}
