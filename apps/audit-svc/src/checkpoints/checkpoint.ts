import { verify, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { CanonicalWriter } from '../chain/canonical-writer.js';

/** That an org's chain ended so at that time. */
export interface UnsignedCheckpoint {
  orgId: string;
  /** Of the chain's last event: 1, 2, 3 … */
  position: number;
  eventId: string;
  integrityHash: Buffer;
  createdAt: Date;
}

export interface Checkpoint extends UnsignedCheckpoint {
  /** Names the HSM's key (RFC 7638 thumbprint). */
  keyId: string;
  /** Ed25519, 64 bytes. */
  signature: Buffer;
}

/** What crypto-svc puts before the bytes that it signs with this key, so that its signatures mean nothing else. */
const SIGNED_PREFIX = Buffer.from('oneclaw-checkpoint-v1\0', 'latin1');

/** The bytes that the signature covers, without crypto-svc's prefix: docs/audit-chain.md, section Checkpoints. */
export function checkpointBytes(checkpoint: UnsignedCheckpoint): Buffer {
  const writer = new CanonicalWriter();
  writer.uuid(checkpoint.orgId);
  writer.integer(checkpoint.position);
  writer.uuid(checkpoint.eventId);
  writer.field(checkpoint.integrityHash);
  writer.integer(checkpoint.createdAt.getTime() * 1000);
  return Buffer.from(writer.bytes());
}

/** The fields of an export's line, and of the log's: docs/audit-chain.md, section Exports. */
export function toExported(checkpoint: Checkpoint) {
  return {
    org_id: checkpoint.orgId,
    position: checkpoint.position,
    event_id: checkpoint.eventId,
    integrity_hash: checkpoint.integrityHash.toString('hex'),
    created_at: checkpoint.createdAt.toISOString().replace('Z', '000Z'),
    key_id: checkpoint.keyId,
    signature: checkpoint.signature.toString('base64'),
  };
}

/** In node's thread pool: a long chain has many, and events must not wait for them. */
const verifyAsync = promisify<null, Buffer, KeyObject, Buffer, boolean>(verify);

export async function isSignedBy(key: KeyObject, checkpoint: Checkpoint): Promise<boolean> {
  return verifyAsync(null, Buffer.concat([SIGNED_PREFIX, checkpointBytes(checkpoint)]), key, checkpoint.signature);
}
