import { describe, expect, it } from '@jest/globals';
import { notFound } from '@oneclaw/errors';
import { toErrorDetail } from '@oneclaw/rpc';
import { batching, settled } from './batch.js';

const call = (deadline: number) => ({ requestId: 'r', deadline });

describe('a batch', () => {
  it('does not send what has run out of time, and keeps the answers with their items', async () => {
    const sent: string[][] = [];
    const batches = batching<string, string>(
      async (items) => {
        sent.push(items.map(({ item }) => item));
        return items.map(({ item }) => (item === 'bad' ? notFound('It') : item.toUpperCase()));
      },
      { maxItems: 10, maxInFlight: 1 },
    );
    const later = Date.now() + 60_000;
    const results = await Promise.allSettled([
      batches.add({ item: 'a', call: call(later) }),
      batches.add({ item: 'late', call: call(0) }),
      batches.add({ item: 'bad', call: call(later) }),
      batches.add({ item: 'b', call: call(later) }),
    ]);
    expect(sent).toEqual([['a', 'bad', 'b']]);
    expect(results[0]).toMatchObject({ value: 'A' });
    expect(results[1]).toMatchObject({ reason: { code: 'unavailable' } });
    expect(results[2]).toMatchObject({ reason: { code: 'not_found' } });
    expect(results[3]).toMatchObject({ value: 'B' });
  });

  it('fails rather than give an item the answer of another', async () => {
    const batches = batching<string, string>(async () => ['only one'], { maxItems: 10, maxInFlight: 1 });
    const items = ['a', 'b'].map((item) => batches.add({ item, call: call(Date.now() + 60_000) }));
    for (const result of await Promise.allSettled(items))
      expect(result).toMatchObject({ reason: { code: 'internal' } });
  });

  it('refuses more than it can hold', async () => {
    const batches = batching<string, string>(() => new Promise(() => undefined), {
      maxItems: 1,
      maxInFlight: 1,
      maxWaiting: 1,
    });
    const item = { item: 'a', call: call(Date.now() + 60_000) };
    void batches.add(item);
    await expect(batches.add(item)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('the outcome of an item', () => {
  it('is its value or its error', () => {
    expect(settled({ $case: 'secret', value: 7 })).toBe(7);
    expect(settled({ $case: 'error', value: toErrorDetail(notFound('It')) })).toMatchObject({ code: 'not_found' });
    expect(settled(undefined)).toMatchObject({ code: 'internal' });
  });
});
