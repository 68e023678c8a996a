import { isTime } from './encoding.mjs';

/*
 * The lines of an export, read strictly: a line that says more than what is hashed, or says it twice, could show one thing
 * to a reader and another to us.
 */

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HASH = /^[0-9a-f]{64}$/;

/** A lone surrogate has no UTF-8: it would be hashed as U+FFFD, and pass for one. @param {unknown} value */
const isText = (value) => typeof value === 'string' && value.isWellFormed();
const isCount = (/** @type {unknown} */ value) => Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0;
const isUuid = (/** @type {unknown} */ value) => isText(value) && UUID.test(/** @type {string} */ (value));
const isUuidOrNull = (/** @type {unknown} */ value) => value === null || isUuid(value);
const isHash = (/** @type {unknown} */ value) => isText(value) && HASH.test(/** @type {string} */ (value));
const isMoment = (/** @type {unknown} */ value) => isText(value) && isTime(/** @type {string} */ (value));
const isTexts = (/** @type {unknown} */ value) => Array.isArray(value) && value.every(isText);
const END = Object.entries({ position: isCount, event_id: isUuidOrNull, integrity_hash: isHash });
const isEnd = (/** @type {unknown} */ value) => fits(value, END);

/** 64 bytes in base64, in the one way that there is. @param {unknown} value */
function isSignature(value) {
  if (typeof value !== 'string') return false;
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === 64 && bytes.toString('base64') === value;
}

/** @typedef {[name: string, is: (value: unknown) => boolean][]} Shape the fields in their order */

/** @type {Shape} */
const CHECKPOINT = Object.entries({
  type: isText,
  org_id: isUuid,
  position: isCount,
  event_id: isUuid,
  integrity_hash: isHash,
  created_at: isMoment,
  key_id: isText,
  signature: isSignature,
});

/** @type {Map<unknown, Shape>} */
const SHAPES = new Map([
  [
    'header',
    Object.entries({
      type: isText,
      format: (/** @type {unknown} */ value) => value === 'oneclaw-audit-export',
      version: (/** @type {unknown} */ value) => value === 1,
      org_id: isUuid,
      exported_at: isText,
      after: isEnd,
      through_position: isCount,
      checkpoint_key_ids: isTexts,
    }),
  ],
  [
    'event',
    Object.entries({
      type: isText,
      position: isCount,
      id: isUuid,
      prev_event_id: isUuidOrNull,
      actor_type: isText,
      actor_id: isText,
      action: isText,
      resource_type: isText,
      resource_id: isText,
      details_json: isText,
      ip_address: isText,
      request_id: isText,
      created_at: isMoment,
      integrity_hash: isHash,
    }),
  ],
  ['checkpoint', CHECKPOINT],
  ['end', Object.entries({ type: isText, events: isCount, checkpoints: isCount })],
]);

/** What is wrong with an export, and the event where it shows. */
export class Broken extends Error {
  /** @param {string} reason @param {string} [eventId] */
  constructor(reason, eventId) {
    super(reason);
    this.eventId = eventId;
  }
}

/** @param {string} line @returns {any} an object of one of the four shapes; throws Broken for everything else */
export function parseLine(line) {
  const value = parse(line);
  const shape = SHAPES.get(value?.type);
  if (!shape) throw new Broken('this line is of no kind that an export of version 1 has');
  if (!fits(value, shape)) throw new Broken(`this is not a line of the kind "${value.type}"`);
  if (JSON.stringify(value) !== line) throw new Broken('the line is not written as exports write it');
  return value;
}

/**
 * @param {string} json a line of an export, what `GET /v1/audit/verify` answered, or a line of audit-svc's log: the signature says whether it is true
 * @returns {import('./encoding.mjs').Checkpoint}
 */
export function parseCheckpoint(json) {
  const found = parse(json);
  const named = { ...(found?.checkpoint ?? found), type: 'checkpoint' };
  const value = Object.fromEntries(CHECKPOINT.map(([name]) => [name, named[name]]));
  if (!fits(value, CHECKPOINT)) throw new Broken('this is no checkpoint');
  return /** @type {any} */ (value);
}

/** @param {string} json */
function parse(json) {
  try {
    return JSON.parse(json);
  } catch {
    throw new Broken('this is not JSON');
  }
}

/** By name and place: what `__proto__` and `constructor` inherit is no field. @param {any} value @param {Shape} shape */
function fits(value, shape) {
  if (typeof value !== 'object' || value === null) return false;
  const names = Object.keys(value);
  return names.length === shape.length && shape.every(([name, is], at) => names[at] === name && is(value[name]));
}
