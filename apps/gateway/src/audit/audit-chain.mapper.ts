import type { ChainVerdict, Checkpoint } from '@oneclaw/contracts/audit';
import type { z } from 'zod';
import { orAbsent, present } from '../api/wire.js';
import type { chainVerdict, checkpoint } from './audit-chain.schemas.js';

export function toVerdictResponse(verdict: ChainVerdict): z.output<typeof chainVerdict> {
  return {
    chain_valid: verdict.valid,
    events_checked: verdict.eventsChecked,
    broken_at_event_id: orAbsent(verdict.brokenAtEventId),
    checkpoint: verdict.checkpoint && toCheckpointResponse(verdict.checkpoint),
  };
}

/** As in an export, so that it can be kept and held against a later one. */
function toCheckpointResponse(signed: Checkpoint): z.output<typeof checkpoint> {
  return {
    org_id: signed.orgId,
    position: signed.position,
    event_id: signed.eventId,
    integrity_hash: signed.integrityHash.toString('hex'),
    created_at: present(signed.createdAt, 'a time').toISOString().replace('Z', '000Z'),
    key_id: signed.keyId,
    signature: signed.signature.toString('base64'),
  };
}
