import { hash } from 'node:crypto';

/** What a sealed value is for; another purpose never opens it. */
export type SealingPurpose = 'mail-params' | 'totp-secret';

/** Where a sealed value belongs: copied to another owner or purpose, it does not open. */
export interface SealedPlace {
  purpose: SealingPurpose;
  /** UUID of the row that holds it. */
  ownerId: string;
}

const FORMAT = 'oneclaw:auth-value:v1';

/** SHA-256 of the canonical encoding: 32 bytes that tell crypto-svc nothing. Format in docs/associated-data.md. */
export function associatedDataOf({ purpose, ownerId }: SealedPlace): Buffer {
  const parts = [FORMAT, purpose, ownerId].flatMap((part) => [lengthOf(part), Buffer.from(part)]);
  return hash('sha256', Buffer.concat(parts), 'buffer');
}

function lengthOf(part: string): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(Buffer.byteLength(part));
  return bytes;
}
