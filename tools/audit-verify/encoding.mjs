import { hash } from 'node:crypto';

/*
 * What is hashed and what is signed, as docs/audit-chain.md says: every field behind its length in four bytes. Nothing here is
 * shared with the service that writes the chain, so that a mistake there is no mistake here.
 */

/**
 * @typedef {object} End where a chain is at
 * @property {number} position 0 before the first event
 * @property {string | null} event_id
 * @property {string} integrity_hash hex
 */

/**
 * @typedef {object} Event
 * @property {'event'} type
 * @property {number} position
 * @property {string} id
 * @property {string | null} prev_event_id
 * @property {string} actor_type
 * @property {string} actor_id
 * @property {string} action
 * @property {string} resource_type
 * @property {string} resource_id
 * @property {string} details_json
 * @property {string} ip_address
 * @property {string} request_id
 * @property {string} created_at
 * @property {string} integrity_hash
 */

/**
 * @typedef {object} Checkpoint
 * @property {'checkpoint'} [type]
 * @property {string} org_id
 * @property {number} position
 * @property {string} event_id
 * @property {string} integrity_hash
 * @property {string} created_at
 * @property {string} key_id
 * @property {string} signature
 */

export const GENESIS = '00'.repeat(32);

const EVENT_DOMAIN = Buffer.from('oneclaw/audit-event/v1\0', 'latin1');
const CHECKPOINT_DOMAIN = Buffer.from('oneclaw-checkpoint-v1\0', 'latin1');
const TIME = /^\d{4}-\d\d-(\d\d)T([01]\d|2[0-3]):\d\d:\d\d\.\d{6}Z$/;

/** One buffer, used again and again, because there are many events. */
let bytes = Buffer.alloc(64 * 1024);
let length = 0;

/**
 * The hash of an event, hex.
 * @param {string} orgId
 * @param {Event} event
 * @param {string} previousHash hex
 */
export function hashEvent(orgId, event, previousHash) {
  length = EVENT_DOMAIN.copy(bytes, 0);
  length += bytes.write(previousHash, length, 'hex');
  uuid(orgId);
  integer(BigInt(event.position));
  uuid(event.id);
  uuid(event.prev_event_id ?? '');
  text(event.actor_type);
  text(event.actor_id);
  text(event.action);
  text(event.resource_type);
  text(event.resource_id);
  text(event.details_json);
  text(event.ip_address);
  text(event.request_id);
  integer(microsOf(event.created_at));
  return hash('sha256', bytes.subarray(0, length), 'hex');
}

/**
 * The bytes that a checkpoint's signature covers.
 * @param {Checkpoint} checkpoint
 */
export function checkpointMessage(checkpoint) {
  length = CHECKPOINT_DOMAIN.copy(bytes, 0);
  uuid(checkpoint.org_id);
  integer(BigInt(checkpoint.position));
  uuid(checkpoint.event_id);
  hex(checkpoint.integrity_hash);
  integer(microsOf(checkpoint.created_at));
  return Buffer.from(bytes.subarray(0, length));
}

/** @param {string} value RFC 3339, UTC, with exactly six digits of a second: a moment in the one way that there is, no 30th of February */
export function isTime(value) {
  const day = TIME.exec(value)?.[1];
  return day !== undefined && new Date(value).getUTCDate() === Number(day);
}

/** @param {string} time */
function microsOf(time) {
  return BigInt(Date.parse(`${time.slice(0, 23)}Z`)) * 1000n + BigInt(time.slice(23, 26));
}

/** @param {string} value */
function text(value) {
  const size = Buffer.byteLength(value);
  prefix(size);
  length += bytes.write(value, length);
}

/** @param {string} value with hyphens; nothing for none */
function uuid(value) {
  hex(value.replaceAll('-', ''));
}

/** @param {string} value */
function hex(value) {
  prefix(value.length / 2);
  length += bytes.write(value, length, 'hex');
}

/** @param {bigint} value */
function integer(value) {
  prefix(8);
  length = bytes.writeBigInt64BE(value, length);
}

/** @param {number} size of what follows */
function prefix(size) {
  if (length + 4 + size > bytes.length) bytes = Buffer.concat([bytes], 2 * (length + 4 + size));
  length = bytes.writeUInt32BE(size, length);
}
