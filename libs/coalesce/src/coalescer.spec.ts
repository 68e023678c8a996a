import { describe, expect, it } from '@jest/globals';
import { AGAIN, Coalescer } from './coalescer.js';

/** A run function whose batches end only when told to. */
function controlled() {
  const batches: { items: number[]; finish: (results?: (string | Error)[]) => void; fail: (error: Error) => void }[] =
    [];
  const run = (items: number[]) =>
    new Promise<(string | Error)[]>((resolve, reject) => {
      batches.push({ items, finish: (results) => resolve(results ?? items.map((item) => `r${item}`)), fail: reject });
    });
  return { batches, run };
}

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('the coalescer', () => {
  it('makes one batch of the calls of one turn and answers each with its own result', async () => {
    const { batches, run } = controlled();
    const coalescer = new Coalescer(run, { maxItems: 10, maxInFlight: 2 });
    const answers = Promise.all([1, 2, 3].map((item) => coalescer.add(item)));
    await turn();
    expect(batches.map((batch) => batch.items)).toEqual([[1, 2, 3]]);
    batches[0]!.finish();
    expect(await answers).toEqual(['r1', 'r2', 'r3']);
  });

  it('splits what exceeds the size of a batch and keeps to the number in flight', async () => {
    const { batches, run } = controlled();
    const coalescer = new Coalescer(run, { maxItems: 2, maxInFlight: 2 });
    const answers = Promise.all([1, 2, 3, 4, 5].map((item) => coalescer.add(item)));
    await turn();
    expect(batches.map((batch) => batch.items)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    batches[0]!.finish();
    await turn();
    expect(batches[2]!.items).toEqual([5]);
    batches[1]!.finish();
    batches[2]!.finish();
    expect(await answers).toEqual(['r1', 'r2', 'r3', 'r4', 'r5']);
  });

  it('rejects only the items of a batch that fails', async () => {
    const { batches, run } = controlled();
    const coalescer = new Coalescer(run, { maxItems: 1, maxInFlight: 2 });
    const [lost, kept] = [coalescer.add(1), coalescer.add(2)];
    await turn();
    batches[0]!.fail(new Error('gone'));
    batches[1]!.finish();
    await expect(lost).rejects.toThrow('gone');
    expect(await kept).toBe('r2');
  });

  it('rejects an item whose own result is an error', async () => {
    const { batches, run } = controlled();
    const coalescer = new Coalescer(run, { maxItems: 10, maxInFlight: 1 });
    const [lost, kept] = [coalescer.add(1), coalescer.add(2)];
    await turn();
    batches[0]!.finish([new Error('denied'), 'fine']);
    await expect(lost).rejects.toThrow('denied');
    expect(await kept).toBe('fine');
  });

  it('rejects everyone when the results do not match the items', async () => {
    const coalescer = new Coalescer(async () => ['only one'], { maxItems: 10, maxInFlight: 1 });
    const answers = await Promise.allSettled([coalescer.add(1), coalescer.add(2)]);
    expect(answers.map((answer) => answer.status)).toEqual(['rejected', 'rejected']);
  });

  it('refuses items beyond its waiting room', async () => {
    const { batches, run } = controlled();
    const onOverflow = () => new Error('too busy');
    const coalescer = new Coalescer(run, { maxItems: 1, maxInFlight: 1, maxWaiting: 1, onOverflow });
    const first = coalescer.add(1);
    await turn();
    const second = coalescer.add(2);
    await expect(coalescer.add(3)).rejects.toThrow('too busy');
    batches[0]!.finish();
    await turn();
    batches[1]!.finish();
    expect(await Promise.all([first, second])).toEqual(['r1', 'r2']);
  });

  it('ends a batch before it weighs too much; what is too heavy for any goes alone', async () => {
    const { batches, run } = controlled();
    const options = { maxItems: 10, maxInFlight: 9, maxWeight: 6, weightOf: (item: number) => item };
    const coalescer = new Coalescer(run, options);
    const answers = Promise.all([1, 2, 3, 1, 9, 5, 2].map((item) => coalescer.add(item)));
    await turn();
    expect(batches.map((batch) => batch.items)).toEqual([[1, 2, 3], [1], [9], [5], [2]]);
    for (const batch of batches) batch.finish();
    expect(await answers).toEqual(['r1', 'r2', 'r3', 'r1', 'r9', 'r5', 'r2']);
  });

  it('puts what was not done at the head of the next batch', async () => {
    const batches: number[][] = [];
    const run = async (items: number[]) => {
      batches.push(items);
      return items.map((item, index) => (index < 2 ? `r${item}` : AGAIN));
    };
    const coalescer = new Coalescer(run, { maxItems: 4, maxInFlight: 1 });
    const answers = Promise.all([1, 2, 3, 4, 5].map((item) => coalescer.add(item)));
    expect(await answers).toEqual(['r1', 'r2', 'r3', 'r4', 'r5']);
    expect(batches).toEqual([[1, 2, 3, 4], [3, 4, 5], [5]]);
  });
});
