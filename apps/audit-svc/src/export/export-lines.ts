import type { ChainHead, ChainedEvent } from '../chain/chained-event.js';
import { toExported, type Checkpoint } from '../checkpoints/checkpoint.js';

/** The lines of an export, version 1: one JSON object each (docs/audit-chain.md, section Exports). */

export interface ExportHeader {
  orgId: string;
  exportedAt: Date;
  /** The event before the first one of the export; position 0 for the start of the chain. */
  after: ChainHead;
  throughPosition: number;
  keyIds: readonly string[];
}

export function headerLine({ orgId, exportedAt, after, throughPosition, keyIds }: ExportHeader): string {
  return line({
    type: 'header',
    format: 'oneclaw-audit-export',
    version: 1,
    org_id: orgId,
    exported_at: exportedAt.toISOString(),
    after: { position: after.position, event_id: after.eventId, integrity_hash: after.integrityHash.toString('hex') },
    through_position: throughPosition,
    checkpoint_key_ids: keyIds,
  });
}

export function eventLine(event: ChainedEvent): string {
  return line({
    type: 'event',
    position: event.position,
    id: event.id,
    prev_event_id: event.prevEventId,
    actor_type: event.actorType,
    actor_id: event.actorId,
    action: event.action,
    resource_type: event.resourceType,
    resource_id: event.resourceId,
    details_json: event.details,
    ip_address: event.ipAddress,
    request_id: event.requestId,
    created_at: microsToText(event.createdAtMicros),
    integrity_hash: event.integrityHash.toString('hex'),
  });
}

export function checkpointLine(checkpoint: Checkpoint): string {
  return line({ type: 'checkpoint', ...toExported(checkpoint) });
}

/** Tells a whole file from one whose end got lost on the way. */
export function endLine(counts: { events: number; checkpoints: number }): string {
  return line({ type: 'end', events: counts.events, checkpoints: counts.checkpoints });
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

/** RFC 3339 in UTC with six digits of a second. */
export function microsToText(micros: number): string {
  const milliseconds = Math.floor(micros / 1000);
  const rest = String(micros - milliseconds * 1000).padStart(3, '0');
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${rest}Z`;
}
