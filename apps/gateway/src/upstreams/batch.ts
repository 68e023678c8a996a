import { type AGAIN, Coalescer, type CoalescerOptions } from '@oneclaw/coalesce';
import type { ErrorDetail } from '@oneclaw/contracts/common';
import { internal, unavailable } from '@oneclaw/errors';
import { type OutgoingCall, fromErrorDetail } from '@oneclaw/rpc';

/** An item of a batch, with the request it belongs to. */
export interface BatchItem<I> {
  item: I;
  call: OutgoingCall & { deadline: number };
}

export type BatchOptions<I> = Omit<CoalescerOptions<BatchItem<I>>, 'onOverflow'>;

type Result<O> = O | Error | typeof AGAIN;

/** The outcome of an item as the batch RPCs answer it. */
type Outcome<T> = { $case: 'secret'; value: T } | { $case: 'error'; value: ErrorDetail } | undefined;

const BUSY = 'The service is busy. Try again in a moment.';

/**
 * Concurrent calls for one thing as one RPC for many. An item whose request has run out of time while it waited is not sent
 * any more; the others do not suffer for it, so the RPC has the channel's own timeout.
 */
export function batching<I, O>(
  run: (items: BatchItem<I>[]) => Promise<readonly Result<O>[]>,
  options: BatchOptions<I>,
) {
  const fresh = async (items: BatchItem<I>[]): Promise<Result<O>[]> => {
    const now = Date.now();
    const live = items.filter(({ call }) => call.deadline > now);
    const results = live.length === 0 ? [] : await run(live);
    if (results.length !== live.length) throw internal(`a batch of ${live.length} items got ${results.length} results`);
    if (live.length === items.length) return [...results];
    let next = 0;
    return items.map(({ call }) => (call.deadline > now ? (results[next++] as Result<O>) : unavailable(BUSY)));
  };
  return new Coalescer<BatchItem<I>, O>(fresh, {
    ...options,
    maxWaiting: options.maxWaiting ?? 5000,
    onOverflow: () => unavailable(BUSY),
  });
}

/** The value of an item, or the error that it failed with. */
export function settled<T>(outcome: Outcome<T>): T | Error {
  if (outcome?.$case === 'secret') return outcome.value;
  return outcome ? fromErrorDetail(outcome.value) : internal('an item of a batch got no outcome');
}

/** The id under which a batch appears in the logs of the other side: that of its first request. */
export function batchCall(items: readonly BatchItem<unknown>[]): OutgoingCall {
  return { requestId: items[0]?.call.requestId ?? '' };
}
