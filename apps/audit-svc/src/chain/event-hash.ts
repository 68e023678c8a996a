import { hash } from 'node:crypto';
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
  const writer = new Writer();
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

/** One buffer for all: hashing is synchronous. */
let scratch = Buffer.allocUnsafe(16 * 1024);

class Writer {
  private length = 0;

  raw(bytes: Buffer): void {
    this.reserve(bytes.length);
    this.length += bytes.copy(scratch, this.length);
  }

  empty(): void {
    this.prefix(0);
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value, 'utf8');
    this.prefix(bytes);
    this.length += scratch.write(value, this.length, 'utf8');
  }

  uuid(value: string): void {
    this.prefix(16);
    this.length += scratch.write(value.replaceAll('-', ''), this.length, 'hex');
  }

  /** Signed 64 bits, big-endian. */
  integer(value: number): void {
    this.prefix(8);
    this.length = scratch.writeBigInt64BE(BigInt(value), this.length);
  }

  bytes(): Buffer {
    return scratch.subarray(0, this.length);
  }

  /** 32 bits, big-endian, and room for what they announce. */
  private prefix(bytes: number): void {
    this.reserve(4 + bytes);
    this.length = scratch.writeUInt32BE(bytes, this.length);
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= scratch.length) return;
    const larger = Buffer.allocUnsafe(Math.max(scratch.length * 2, this.length + bytes));
    scratch.copy(larger, 0, 0, this.length);
    scratch = larger;
  }
}
