import { hash } from 'node:crypto';

/**
 * What a sealed version is bound to: where it belongs, and everything else that a read answers or enforces. With any of it
 * exchanged, it does not open. UUIDs are in lower case.
 */
export interface BoundVersion {
  orgId: string;
  vaultId: string;
  secretId: string;
  path: string;
  version: number;
  type: string;
  /** As stored, to the byte. */
  metadataJson: string;
  rotationPolicyJson: string | null;
  createdBy: string;
  createdAt: Date;
  expiresAt: Date | null;
  maxAccessCount: number | null;
  cmekFingerprint: string | null;
}

type Part = string | Buffer | null;

const PURPOSE = 'oneclaw:secret-version:v2';
const LENGTH_BYTES = 4;
/** No part is that long: it stands for one that is absent, which an empty one is not. */
const ABSENT = 0xffffffff;
/** Reused: the encoding is made and hashed within one synchronous call. Twice 16 KiB of JSON, and room for the rest. */
const scratch = Buffer.alloc(36 * 1024);

/**
 * SHA-256 of the canonical encoding: 32 bytes that tell crypto-svc nothing. Format in docs/associated-data.md. Throws RangeError
 * for what no version can be.
 */
export function associatedDataOf(version: BoundVersion): Buffer {
  return hash('sha256', scratch.subarray(0, encode(partsOf(version))), 'buffer');
}

function partsOf(of: BoundVersion): Part[] {
  const place = [of.orgId, of.vaultId, of.secretId, of.path, uint32(of.version)];
  const facts = [of.type, of.metadataJson, of.rotationPolicyJson, of.createdBy, instant(of.createdAt)];
  const limits = [of.expiresAt && instant(of.expiresAt), of.maxAccessCount === null ? null : uint32(of.maxAccessCount)];
  return [PURPOSE, ...place, ...facts, ...limits, of.cmekFingerprint];
}

/** Each part is preceded by its length in bytes (32 bits, big endian), so that no two lists of parts have one encoding. */
function encode(parts: readonly Part[]): number {
  let end = 0;
  for (const part of parts) {
    const start = end + LENGTH_BYTES;
    const length = part === null ? 0 : write(part, start);
    scratch.writeUInt32BE(part === null ? ABSENT : length, end);
    end = start + length;
  }
  return end;
}

function write(part: string | Buffer, start: number): number {
  const length = Buffer.byteLength(part);
  if (start + length > scratch.length) throw new RangeError('a version is too large to be bound');
  return typeof part === 'string' ? scratch.write(part, start) : part.copy(scratch, start);
}

function uint32(value: number): Buffer {
  if (value < 0 || value > 0x7fffffff) throw new RangeError('no number of a version');
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Milliseconds since 1970, which is as exact as an answer says it; 64 bits, two's complement. */
function instant(at: Date): Buffer {
  const milliseconds = at.getTime();
  if (Number.isNaN(milliseconds)) throw new RangeError('no instant');
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(BigInt(milliseconds));
  return bytes;
}
