import { hash } from 'node:crypto';
import { CanonicalWriter } from './canonical-writer.js';
import type { ChainedEvent, UnhashedEvent } from './chained-event.js';

/** Names what is hashed and how, so that no hash made for another purpose, or by another version, can pass for one of these. */
const DOMAIN = Buffer.from('oneclaw/audit-event/v1\0', 'latin1');

/** Before the first event of a chain. */
export const GENESIS_HASH: Buffer = Buffer.alloc(32);

/**
 * SHA-256 over the previous hash and every field of the event, each behind its length, in a fixed order. The encoding is
 * specified, with a test vector, in docs/audit-chain.md; what it covers is what Postgres stores, to the microsecond.
 */
export function hashEvent(event: UnhashedEvent, previousHash: Buffer): Buffer {
  const writer = new CanonicalWriter();
  writer.raw(DOMAIN);
  writer.raw(previousHash);
  writer.uuid(event.orgId);
  writer.integer(event.position);
  writer.uuid(event.id);
  if (event.prevEventId === null) writer.empty();
  else writer.uuid(event.prevEventId);
  writer.text(event.actorType);
  writer.text(event.actorId);
  writer.text(event.action);
  writer.text(event.resourceType);
  writer.text(event.resourceId);
  writer.text(event.details);
  writer.text(event.ipAddress);
  writer.text(event.requestId);
  writer.integer(event.createdAtMicros);
  return hash('sha256', writer.bytes(), 'buffer');
}

export function isIntact(event: ChainedEvent, previousHash: Buffer): boolean {
  return hashEvent(event, previousHash).equals(event.integrityHash);
}
