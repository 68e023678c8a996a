import type * as wire from '@oneclaw/contracts/audit';
import { invalid } from '@oneclaw/errors';
import type { Checkpoint } from '../checkpoints/checkpoint.js';
import type { ChainHead } from './chained-event.js';
import type { Verified, VerifyProgress } from './verify-chain.js';

export function toVerifyResponse({ progress, verdict }: Verified): wire.VerifyChainResponse {
  if (!verdict) return { outcome: { $case: 'progress', value: toWireProgress(progress) } };
  const { valid, eventsChecked, brokenAtEventId = '', checkpoint } = verdict;
  return { outcome: { $case: 'verdict', value: { valid, eventsChecked, brokenAtEventId, checkpoint } } };
}

function toWireProgress({ end, head, headReached, newest, checkpoint }: VerifyProgress): wire.VerifyProgress {
  return {
    end: toWireEnd(end),
    head: toWireEnd(head),
    headReached,
    newestPosition: newest.position,
    newestEventId: newest.eventId,
    checkpoint,
  };
}

/** @param orgId the caller's: whatever came along, nobody goes on in another org's chain */
export function fromWireProgress(orgId: string, progress: wire.VerifyProgress): VerifyProgress {
  const { end, head, headReached, newestPosition, newestEventId, checkpoint } = progress;
  return {
    end: fromWireEnd(orgId, end),
    head: fromWireEnd(orgId, head),
    headReached,
    newest: { position: newestPosition, eventId: newestEventId },
    checkpoint: checkpoint && fromWireCheckpoint(checkpoint),
  };
}

function toWireEnd({ position, eventId, integrityHash }: ChainHead): wire.ChainEnd {
  return { position, eventId: eventId ?? '', integrityHash };
}

function fromWireEnd(orgId: string, end: wire.ChainEnd | undefined): ChainHead {
  if (!end) throw invalid('The progress is not complete.');
  return { orgId, position: end.position, eventId: end.eventId || null, integrityHash: end.integrityHash };
}

function fromWireCheckpoint({ createdAt, ...checkpoint }: wire.Checkpoint): Checkpoint {
  if (!createdAt) throw invalid('The progress is not complete.');
  return { ...checkpoint, createdAt };
}
