import { orAbsent } from './wire.js';

/** Entries of a list as a service answers them: maybe fewer than asked for, and where to go on. */
export interface ListPart<T> {
  entries: T[];
  /** Empty where there is nothing more. */
  nextCursor: string;
}

export interface WantedPart {
  cursor: string;
  /** 0 = as many as come at once. */
  limit: number;
  /** Of this answer. */
  first: boolean;
}

export type FetchPart<T> = (wanted: WantedPart) => Promise<ListPart<T>>;

/** A JSON answer of any size, written as its parts come, and no faster than the client reads. */
export class StreamedJson {
  constructor(readonly chunks: AsyncIterable<string>) {}
}

/**
 * The answer `{"<name>": […], "next_cursor"?: …}` of `limit` entries, or all of them. What comes in one part is answered as it is.
 * More is streamed: a part that fails then breaks the connection off, so that nobody takes a piece for the whole.
 */
export async function answerList<N extends string, T>(
  name: N,
  { limit = Infinity, cursor = '' }: { limit?: number | undefined; cursor?: string | undefined },
  fetch: FetchPart<T>,
): Promise<(Record<N, T[]> & { next_cursor?: string | undefined }) | StreamedJson> {
  const remaining = (count: number): number => (limit === Infinity ? 0 : limit - count);
  const first = await fetch({ cursor, limit: remaining(0), first: true });
  if (first.nextCursor === '' || first.entries.length >= limit)
    return { [name]: first.entries, next_cursor: orAbsent(first.nextCursor) } as Record<N, T[]> & {
      next_cursor?: string;
    };
  const next = (after: string, count: number) => fetch({ cursor: after, limit: remaining(count), first: false });
  return new StreamedJson(write(name, first, limit, next));
}

async function* write<T>(
  name: string,
  first: ListPart<T>,
  limit: number,
  next: (after: string, count: number) => Promise<ListPart<T>>,
): AsyncIterable<string> {
  yield `{"${name}":[`;
  let part = first;
  for (let count = 0; ; part = await next(part.nextCursor, count)) {
    const entries = part.entries.map((entry) => JSON.stringify(entry)).join();
    if (entries !== '') yield count > 0 ? `,${entries}` : entries;
    count += part.entries.length;
    if (part.nextCursor === '' || count >= limit) break;
  }
  yield part.nextCursor === '' ? ']}' : `],"next_cursor":${JSON.stringify(part.nextCursor)}}`;
}
