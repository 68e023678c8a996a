import { hash } from 'node:crypto';

/** What a sealed version is bound to: moved to another place, it does not open. */
export interface VersionPlace {
  /** UUIDs in lower case. */
  orgId: string;
  vaultId: string;
  path: string;
  version: number;
}

const PURPOSE = 'oneclaw:secret-version:v1';
const UUID_BYTES = 36;
const MAX_PATH_BYTES = 512;
const LENGTH_BYTES = 4;
const VERSION_BYTES = 4;
const SIZE = 5 * LENGTH_BYTES + PURPOSE.length + 2 * UUID_BYTES + MAX_PATH_BYTES + VERSION_BYTES;

/** Reused: the encoding is made and hashed within one synchronous call. */
const scratch = Buffer.alloc(SIZE);

/** SHA-256 of the canonical encoding: 32 bytes that tell crypto-svc nothing. Format in docs/associated-data.md. */
export function associatedDataOf(place: VersionPlace): Buffer {
  return hash('sha256', scratch.subarray(0, encode(place)), 'buffer');
}

/** Each part is preceded by its length in bytes (32 bits, big endian), so that no two places have one encoding. */
function encode({ orgId, vaultId, path, version }: VersionPlace): number {
  let at = 0;
  for (const part of [PURPOSE, orgId, vaultId, path]) {
    const start = scratch.writeUInt32BE(part.length, at);
    at = start + scratch.write(part, start, 'latin1');
    if (at !== start + part.length) throw new RangeError('a part of the associated data is too long');
  }
  return scratch.writeUInt32BE(version, scratch.writeUInt32BE(VERSION_BYTES, at));
}
