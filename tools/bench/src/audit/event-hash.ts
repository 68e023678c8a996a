import { hash } from 'node:crypto';

export const GENESIS: Buffer = Buffer.alloc(32);

const DOMAIN = Buffer.from('oneclaw/audit-event/v1\0', 'latin1');
const buffer = Buffer.alloc(64 * 1024);

/** In the order in which they are hashed; a number is 64 bits, a `uuid` its 16 bytes. */
export type HashedField = string | number | { uuid: string | null };

/** An event's hash as docs/audit-chain.md has it, so that what is seeded really verifies. */
export function hashOf(fields: readonly HashedField[], previous: Buffer): Buffer {
  let length = DOMAIN.copy(buffer);
  length += previous.copy(buffer, length);
  for (const field of fields) {
    const start = length + 4;
    if (typeof field === 'string') length = start + buffer.write(field, start, 'utf8');
    else if (typeof field === 'number') length = buffer.writeBigInt64BE(BigInt(field), start);
    else length = start + buffer.write(field.uuid?.replaceAll('-', '') ?? '', start, 'hex');
    buffer.writeUInt32BE(length - start, start - 4);
  }
  return hash('sha256', buffer.subarray(0, length), 'buffer');
}
