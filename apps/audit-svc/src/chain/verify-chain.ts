import { Injectable } from '@nestjs/common';
import type { Executor } from '@oneclaw/database';
import type { Checkpoint } from '../checkpoints/checkpoint.js';
import { CheckpointKeys } from '../checkpoints/checkpoint-keys.js';
import { CheckpointsRepository } from '../checkpoints/checkpoints.repository.js';
import { filterFieldsOf } from '../intake/filter-fields.js';
import { ChainRepository } from './chain.repository.js';
import type { ChainHead, ChainedEvent } from './chained-event.js';
import { GENESIS_HASH, isIntact } from './event-hash.js';

export interface ChainVerdict {
  valid: boolean;
  eventsChecked: number;
  /** The first event that does not fit: where the chain was changed, or after the place where something is missing. */
  brokenAtEventId?: string;
  /** The newest checkpoint, when valid. */
  checkpoint?: Checkpoint;
}

/** How far a verification has come. */
export interface VerifyProgress {
  /** The last event that was found right. */
  end: ChainHead;
  /** What the chain must reach, as it was at the beginning: events may be added meanwhile, and none is ever taken away. */
  head: ChainHead;
  headReached: boolean;
  newest: { position: number; eventId: string };
  /** The newest checkpoint that was found right. */
  checkpoint: Checkpoint | undefined;
}

export interface Verified {
  progress: VerifyProgress;
  /** Present when there is nothing more to do. */
  verdict?: ChainVerdict;
}

const PAGE = 1000;

/**
 * Recomputes an org's chain and holds it against the recorded head and the signed checkpoints. Finds edited, deleted, inserted
 * and reordered events, a cut tail, and a chain that was recomputed without its checkpoints; what can only be found with a
 * checkpoint that somebody kept elsewhere is for the offline verifier.
 */
@Injectable()
export class ChainVerifier {
  constructor(
    private readonly chains: ChainRepository,
    private readonly checkpoints: CheckpointsRepository,
    private readonly keys: CheckpointKeys,
  ) {}

  async begin(executor: Executor, orgId: string): Promise<VerifyProgress> {
    const end: ChainHead = { orgId, position: 0, eventId: null, integrityHash: GENESIS_HASH };
    const head = (await this.chains.findHead(executor, orgId)) ?? end;
    const { position, eventId } = (await this.checkpoints.findNewest(executor, orgId)) ?? { position: 0, eventId: '' };
    return { end, head, headReached: same(end, head), newest: { position, eventId }, checkpoint: undefined };
  }

  /** Goes on for up to `pages` thousand events. */
  async goOn(executor: Executor, from: VerifyProgress, pages: number): Promise<Verified> {
    const progress = { ...from };
    for (let page = 0; page < pages; page += 1) {
      const events = await this.chains.read(executor, progress.end.orgId, progress.end.position, PAGE);
      const brokenAt = await this.take(executor, progress, events);
      if (brokenAt !== undefined) return { progress, verdict: broken(progress, brokenAt) };
      if (events.length < PAGE) return { progress, verdict: conclude(progress) };
    }
    return { progress };
  }

  /** Answers the id of the first event that does not fit. */
  private async take(
    executor: Executor,
    progress: VerifyProgress,
    events: readonly ChainedEvent[],
  ): Promise<string | undefined> {
    const { orgId, position: after } = progress.end;
    const signed = await this.checkpoints.read(executor, orgId, after, events.at(-1)?.position ?? after);
    let next = 0;
    for (const event of events) {
      if (!follows(event, progress.end)) return event.id;
      for (; signed[next]?.position === event.position; next += 1)
        if (!(await this.vouchesFor(signed[next]!, event, progress))) return event.id;
      progress.end = { orgId, position: event.position, eventId: event.id, integrityHash: event.integrityHash };
      progress.headReached ||= same(progress.end, progress.head);
    }
    return undefined;
  }

  /** Whether a checkpoint says nothing else than the chain. */
  private async vouchesFor(checkpoint: Checkpoint, event: ChainedEvent, progress: VerifyProgress): Promise<boolean> {
    const verdict = await this.keys.judge(checkpoint);
    if (verdict === 'right') progress.checkpoint = checkpoint;
    if (verdict === 'unknown') return true;
    const agrees = checkpoint.eventId === event.id && checkpoint.integrityHash.equals(event.integrityHash);
    return verdict === 'right' && agrees;
  }
}

function broken({ end }: VerifyProgress, eventId: string | null): ChainVerdict {
  return { valid: false, eventsChecked: end.position, ...(eventId ? { brokenAtEventId: eventId } : {}) };
}

/** At the end of the chain: has it reached what it had reached before? */
function conclude(progress: VerifyProgress): ChainVerdict {
  const { end, head, headReached, newest, checkpoint } = progress;
  if (!headReached) return broken(progress, head.eventId);
  if (newest.position > end.position) return broken(progress, newest.eventId);
  return { valid: true, eventsChecked: end.position, ...(checkpoint ? { checkpoint } : {}) };
}

function follows(event: ChainedEvent, end: ChainHead): boolean {
  return (
    event.position === end.position + 1 &&
    event.prevEventId === end.eventId &&
    isIntact(event, end.integrityHash) &&
    hasRightFilterFields(event)
  );
}

/** An event must also be found by what it says. Whoever has the database can give anything its hash, and not only objects. */
function hasRightFilterFields(event: ChainedEvent): boolean {
  const details = objectIn(event.details);
  if (!details) return false;
  const { vaultId, path } = filterFieldsOf(details);
  return event.vaultId === vaultId && event.path === path;
}

function objectIn(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function same(end: ChainHead, head: ChainHead): boolean {
  return end.position === head.position && end.eventId === head.eventId && end.integrityHash.equals(head.integrityHash);
}
