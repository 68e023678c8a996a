import { describe, expect, it } from '@jest/globals';
import { EventBatch } from '@oneclaw/contracts/events';
import { MAX_BYTES, MAX_EVENTS, packBatches, type PendingEvent } from './batcher.js';

const event = (n: number, bytes = 10): PendingEvent => ({
  id: `0190b5a0-0000-7000-8000-${String(n).padStart(12, '0')}`,
  family: 'audit',
  payload: Buffer.alloc(bytes, n),
  createdAt: new Date(1_700_000_000_000 + n),
});
const events = (count: number, bytes?: number) => Array.from({ length: count }, (_, n) => event(n, bytes));

describe('packing events into messages', () => {
  it('numbers them without gaps from the next number on, in their order', () => {
    const batches = packBatches('vault-svc', 'audit', 7, events(MAX_EVENTS * 2 + 1));
    expect(batches.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
      [7, 206],
      [207, 406],
      [407, 407],
    ]);
    const { producer, events: packed } = EventBatch.decode(batches[1]!.message);
    expect(producer).toBe('vault-svc');
    expect(packed[0]).toEqual({ seq: 207, id: event(200).id, payload: event(200).payload });
    expect(batches[1]!.firstId).toBe(event(200).id);
    expect(batches[1]!.oldestAt).toEqual(event(200).createdAt);
  });

  it('keeps messages under the byte limit', () => {
    const batches = packBatches('vault-svc', 'audit', 1, events(5, MAX_BYTES / 2));
    expect(batches.map(({ firstSeq, lastSeq }) => lastSeq - firstSeq + 1)).toEqual([2, 2, 1]);
  });

  it('gives an event that alone exceeds the limit a message of its own', () => {
    const batches = packBatches('vault-svc', 'audit', 1, [event(1), event(2, MAX_BYTES + 1), event(3)]);
    expect(batches).toHaveLength(3);
  });

  it('makes nothing of nothing', () => {
    expect(packBatches('vault-svc', 'audit', 1, [])).toEqual([]);
  });
});
