import type { Checkpoint } from '../checkpoints/checkpoint.js';

interface Line {
  type: string;
  org_id: string;
  position: number;
  event_id: string;
  integrity_hash: string;
  created_at: string;
  key_id: string;
  signature: string;
}

/** The checkpoints of an export (docs/audit-chain.md, section Export). What they say is believed only once their signatures are verified. */
export function savedCheckpoints(ndjson: string): Checkpoint[] {
  const lines = ndjson.split('\n').filter((line) => line.startsWith('{"type":"checkpoint"'));
  return lines.map((line) => {
    const { org_id, position, event_id, integrity_hash, created_at, key_id, signature } = JSON.parse(line) as Line;
    return {
      orgId: org_id,
      position,
      eventId: event_id,
      integrityHash: Buffer.from(integrity_hash, 'hex'),
      createdAt: new Date(created_at),
      keyId: key_id,
      signature: Buffer.from(signature, 'base64'),
    };
  });
}
