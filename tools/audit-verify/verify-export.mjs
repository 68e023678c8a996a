import { isUtf8 } from 'node:buffer';
import { GENESIS, hashEvent } from './encoding.mjs';
import { Broken, parseLine } from './lines.mjs';

/** @import { Checkpoint, End, Event } from './encoding.mjs' */

const LINE_FEED = 10;
/** An event comes in a message of 8 MB at most; a control character of its details has seven bytes as JSON within JSON. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * @typedef {object} Report
 * @property {string} [orgId]
 * @property {number} events
 * @property {number} firstPosition
 * @property {number} lastPosition
 * @property {number} checkpoints that hold
 * @property {number} unknownKeys checkpoints by keys that were not given: they say nothing
 * @property {Checkpoint} [newest] the last one that holds
 * @property {number} unanswered saved checkpoints from before the export's first event, which it cannot answer
 * @property {boolean} connected whether it begins with the chain's first event, or nothing is missing between it and a saved checkpoint
 * @property {{ line: number, reason: string, eventId?: string | undefined }} [broken]
 */

/**
 * Holds an export against its own hashes, its signed checkpoints, and checkpoints that somebody kept. Line by line: the memory
 * it needs does not grow with the file.
 */
export class ExportVerifier {
  #line = 0;
  /** @type {{ org_id: string, after: End, through_position: number } | undefined} */
  #header;
  /** @type {End} */
  #end = { position: 0, event_id: null, integrity_hash: GENESIS };
  #ended = false;
  /** @type {Checkpoint | undefined} */
  #newest;
  #events = 0;
  #checkpoints = 0;
  #unknownKeys = 0;
  #unanswered = 0;
  #answered = 0;
  #keys;
  /** @type {Map<number, Checkpoint[]>} */
  #saved = new Map();

  /**
   * @param {import('./keys.mjs').Keys} keys those that are trusted
   * @param {readonly Checkpoint[]} saved kept since some earlier time, and signed by one of the keys
   */
  constructor(keys, saved = []) {
    this.#keys = keys;
    for (const checkpoint of saved)
      this.#saved.set(checkpoint.position, [...(this.#saved.get(checkpoint.position) ?? []), checkpoint]);
  }

  /** @param {Buffer} line without its line feed; throws Broken at the first thing that is wrong */
  take(line) {
    this.#line += 1;
    // Decoding would put U+FFFD in the place of other bytes, which would pass for one that was there.
    if (!isUtf8(line)) throw new Broken('this is not UTF-8');
    const value = parseLine(line.toString());
    if (this.#ended) throw new Broken('there is something behind the end');
    if ((value.type === 'header') !== (this.#line === 1)) throw new Broken('the header belongs on the first line');
    if (value.type === 'header') this.#begin(value);
    else if (value.type === 'event') this.#follow(value);
    else if (value.type === 'checkpoint') this.#hold(value);
    else this.#finish(value);
  }

  /** After the last line. Throws Broken where the export ends before its end, or before a saved checkpoint. */
  close() {
    if (!this.#ended) throw new Broken('the export is not complete: its last line is missing');
    for (const [position, saved] of this.#saved)
      if (position > this.#end.position)
        throw new Broken(
          `the end was cut: a saved checkpoint of ${saved[0]?.created_at} vouches for ${position} events, the export ends at ${this.#end.position}`,
          saved[0]?.event_id,
        );
  }

  /** @param {Broken} [broken] @returns {Report} */
  report(broken) {
    return {
      ...(this.#header ? { orgId: this.#header.org_id } : {}),
      events: this.#events,
      firstPosition: (this.#header?.after.position ?? 0) + 1,
      lastPosition: this.#end.position,
      checkpoints: this.#checkpoints - this.#unknownKeys,
      unknownKeys: this.#unknownKeys,
      unanswered: this.#unanswered,
      connected: this.#header?.after.position === 0 || this.#answered > 0,
      ...(this.#newest ? { newest: this.#newest } : {}),
      ...(broken ? { broken: { line: this.#line, reason: broken.message, eventId: broken.eventId } } : {}),
    };
  }

  /** @param {{ org_id: string, after: End, through_position: number }} header */
  #begin(header) {
    const { after, org_id } = header;
    const isStart = after.event_id === null && after.integrity_hash === GENESIS;
    if ((after.position === 0) !== isStart) throw new Broken('the export does not say what it begins behind');
    this.#header = header;
    this.#end = after;
    for (const [position, saved] of this.#saved) {
      if (saved.some((checkpoint) => checkpoint.org_id !== org_id))
        throw new Broken('the saved checkpoints are of another org');
      if (position < after.position) this.#unanswered += saved.length;
    }
    this.#answerSaved();
  }

  /** @param {Event} event */
  #follow(event) {
    const end = this.#end;
    if (event.position !== end.position + 1)
      throw new Broken(`position ${event.position} comes after position ${end.position}`, event.id);
    if (event.prev_event_id !== end.event_id) throw new Broken('it does not follow the event before it', event.id);
    if (event.integrity_hash !== hashEvent(this.#header?.org_id ?? '', event, end.integrity_hash))
      throw new Broken('its hash is not the one of its content and the hash before it', event.id);
    this.#end = { position: event.position, event_id: event.id, integrity_hash: event.integrity_hash };
    this.#events += 1;
    this.#answerSaved();
  }

  /** @param {Checkpoint} checkpoint */
  #hold(checkpoint) {
    this.#checkpoints += 1;
    const { position, event_id: eventId } = checkpoint;
    if (checkpoint.org_id !== this.#header?.org_id) throw new Broken('a checkpoint is of another org', eventId);
    const verdict = this.#keys.judge(checkpoint);
    if (verdict === 'forged') throw new Broken('a checkpoint was not signed by the key that it names', eventId);
    if (verdict === 'unknown') {
      this.#unknownKeys += 1;
      return;
    }
    if (position > this.#end.position)
      throw new Broken(
        `a checkpoint vouches for position ${position}, and position ${this.#end.position} is the last one before it`,
        eventId,
      );
    if (position < this.#end.position) throw new Broken('a checkpoint does not stand behind its event', eventId);
    if (!agrees(checkpoint, this.#end)) throw new Broken('the chain departs from a signed checkpoint', eventId);
    this.#newest = checkpoint;
  }

  /** @param {{ events: number, checkpoints: number }} end */
  #finish({ events, checkpoints }) {
    if (events !== this.#events || checkpoints !== this.#checkpoints)
      throw new Broken(`lines are missing: the export had ${events} events and ${checkpoints} checkpoints`);
    if (this.#end.position !== this.#header?.through_position)
      throw new Broken(`events are missing: the export was to end at position ${this.#header?.through_position}`);
    this.#ended = true;
  }

  #answerSaved() {
    for (const checkpoint of this.#saved.get(this.#end.position) ?? []) {
      if (!agrees(checkpoint, this.#end))
        throw new Broken(
          `the chain departs from a saved checkpoint of ${checkpoint.created_at}: it was recomputed since`,
          checkpoint.event_id,
        );
      this.#answered += 1;
    }
  }
}

/** @param {Checkpoint} checkpoint @param {End} end */
function agrees(checkpoint, end) {
  return checkpoint.event_id === end.event_id && checkpoint.integrity_hash === end.integrity_hash;
}

/**
 * `unsigned`: whole, as far as that says anything where nobody has signed it, or not lately, or where what came before is not there.
 * @param {Report} report
 * @param {string} [signedSince] RFC 3339
 * @returns {'whole' | 'changed' | 'unsigned'}
 */
export function verdictOf({ broken, newest, lastPosition, connected }, signedSince) {
  if (broken) return 'changed';
  if (newest?.position !== lastPosition || !connected) return 'unsigned';
  return signedSince !== undefined && Date.parse(newest.created_at) < Date.parse(signedSince) ? 'unsigned' : 'whole';
}

/**
 * @param {AsyncIterable<Buffer> | Iterable<Buffer>} chunks of the file
 * @param {import('./keys.mjs').Keys} keys
 * @param {readonly Checkpoint[]} [saved]
 * @returns {Promise<Report>}
 */
export async function verifyExport(chunks, keys, saved) {
  const verifier = new ExportVerifier(keys, saved);
  try {
    let rest = Buffer.alloc(0);
    for await (const chunk of chunks) {
      let start = 0;
      for (let end; (end = chunk.indexOf(LINE_FEED, start)) >= 0; start = end + 1) {
        const line = chunk.subarray(start, end);
        verifier.take(rest.length > 0 ? Buffer.concat([rest, line]) : line);
        rest = rest.subarray(0, 0);
      }
      rest = Buffer.concat([rest, chunk.subarray(start)]);
      if (rest.length > MAX_LINE_BYTES) throw new Broken('a line is longer than that of any event');
    }
    if (rest.length > 0) throw new Broken('the export is not complete: it ends within a line');
    verifier.close();
    return verifier.report();
  } catch (error) {
    if (error instanceof Broken) return verifier.report(error);
    throw error;
  }
}
