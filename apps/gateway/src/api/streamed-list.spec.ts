import { describe, expect, it } from '@jest/globals';
import { answerList, StreamedJson, type WantedPart } from './streamed-list.js';

/** Numbers up to `end`, at most `atOnce` in one part; remembers what was asked for. */
function numbers(end: number, atOnce: number) {
  const wanted: WantedPart[] = [];
  const fetch = async (part: WantedPart) => {
    wanted.push(part);
    const from = Number(part.cursor || 0);
    const count = Math.min(part.limit || Infinity, atOnce, end - from);
    const entries = Array.from({ length: count }, (_, index) => from + index + 1);
    return { entries, nextCursor: from + count < end ? String(from + count) : '' };
  };
  return { wanted, fetch };
}

async function textOf(answer: object): Promise<string> {
  if (!(answer instanceof StreamedJson)) return JSON.stringify(answer);
  let text = '';
  for await (const chunk of answer.chunks) text += chunk;
  return text;
}

describe('the answer of a list', () => {
  it.each([
    [{}, 3, 5, '{"n":[1,2,3]}', 1],
    [{}, 0, 5, '{"n":[]}', 1],
    [{}, 7, 3, '{"n":[1,2,3,4,5,6,7]}', 3],
    [{ limit: 2 }, 7, 3, '{"n":[1,2],"next_cursor":"2"}', 1],
    [{ limit: 5 }, 7, 3, '{"n":[1,2,3,4,5],"next_cursor":"5"}', 2],
    [{ limit: 7 }, 7, 3, '{"n":[1,2,3,4,5,6,7]}', 3],
    [{ limit: 9 }, 7, 3, '{"n":[1,2,3,4,5,6,7]}', 3],
    [{ limit: 3, cursor: '5' }, 7, 2, '{"n":[6,7]}', 1],
  ])('of %j, of %d, at most %d at once, is %s', async (page, end, atOnce, expected, parts) => {
    const { fetch, wanted } = numbers(end, atOnce);
    expect(await textOf(await answerList('n', page, fetch))).toBe(expected);
    expect(wanted).toHaveLength(parts);
    expect(wanted.map(({ first }) => first)).toEqual(wanted.map((_, index) => index === 0));
  });

  it('goes on over parts in which nothing was to be shown', async () => {
    const parts = [
      { entries: [], nextCursor: 'a' },
      { entries: [], nextCursor: 'b' },
      { entries: [1], nextCursor: 'c' },
      { entries: [], nextCursor: 'd' },
      { entries: [2], nextCursor: '' },
    ];
    const all = await answerList('n', {}, async () => parts.shift()!);
    expect(await textOf(all)).toBe('{"n":[1,2]}');
  });

  it('fetches a part only when it is read', async () => {
    const { fetch, wanted } = numbers(100, 10);
    const answer = (await answerList('n', {}, fetch)) as StreamedJson;
    const reader = answer.chunks[Symbol.asyncIterator]();
    await reader.next();
    await reader.next();
    expect(wanted).toHaveLength(1);
    await reader.next();
    expect(wanted).toHaveLength(2);
  });

  it('fails before it begins where the first part does, and breaks off where a later one does', async () => {
    await expect(answerList('n', {}, () => Promise.reject(new Error('first')))).rejects.toThrow('first');
    const { fetch } = numbers(100, 10);
    const answer = await answerList('n', {}, (part) => (part.first ? fetch(part) : Promise.reject(new Error('later'))));
    await expect(textOf(answer)).rejects.toThrow('later');
  });
});
