import { judge, recent, type Verdict } from './sliding-window.js';
import type { StoredCounter } from './throttles.repository.js';

/** How an attempt ended; `undecided`: it was not evaluated. */
export type Outcome = 'success' | 'failure' | 'undecided';

/** At most `limit` failures in any `ms` milliseconds. */
export interface Window {
  limit: number;
  ms: number;
  /** A success forgets the failures. */
  resets?: boolean;
  /** A success is remembered for a week. */
  remembers?: boolean;
  /** Holds nobody up whom another window of the attempt remembers: others cannot lock the owner out. */
  sparesKnown?: boolean;
}

/** Where an attempt counts: a window, and what it counts for there, as a hash. */
export interface Place {
  key: Buffer;
  window: Window;
}

type NewCounter = Omit<StoredCounter, 'now'>;

const KNOWN_FOR_MS = 7 * 24 * 60 * 60_000;

/** One attempt and its places. Decides only; counters are locked and stored by others. */
export class Admission {
  private enteredAt = 0;

  constructor(private readonly places: readonly Place[]) {}

  get keys(): Buffer[] {
    return this.places.map(({ key }) => key);
  }

  /** The strictest verdict of all windows. */
  judge(counters: readonly StoredCounter[]): Verdict {
    const known = this.isKnown(counters);
    const verdicts = this.places.flatMap(({ window }, index) => {
      const counter = counters[index] as StoredCounter;
      return window.sparesKnown && known ? [] : [judge(counter, window, counter.now)];
    });
    const refusals = verdicts.filter((verdict) => verdict.kind === 'refuse');
    if (refusals.length > 0) {
      return { kind: 'refuse', retryAfterMs: Math.max(...refusals.map(({ retryAfterMs }) => retryAfterMs)) };
    }
    return verdicts.find((verdict) => verdict.kind === 'wait') ?? { kind: 'admit' };
  }

  /** The counters with this attempt under way. */
  enter(counters: readonly StoredCounter[]): NewCounter[] {
    // One time for all rows: it is what the attempt is found by when it ends.
    this.enteredAt = Math.max(...counters.map(({ now }) => now));
    return this.map(counters, (counter) => ({ ...counter, pending: [...counter.pending, this.enteredAt] }));
  }

  /** The counters after it. */
  leave(counters: readonly StoredCounter[], outcome: Outcome): NewCounter[] {
    return this.map(counters, (counter, window) => {
      const pending = without(counter.pending, this.enteredAt);
      if (outcome === 'failure') return { ...counter, pending, failures: [...counter.failures, this.enteredAt] };
      if (outcome === 'undecided') return { ...counter, pending };
      const failures = window.resets ? [] : counter.failures;
      const succeededAt = window.remembers ? this.enteredAt : counter.succeededAt;
      return { ...counter, pending, failures, succeededAt };
    });
  }

  private isKnown(counters: readonly StoredCounter[]): boolean {
    return counters.some(
      ({ succeededAt, now }, index) =>
        this.places[index]?.window.remembers === true && succeededAt !== null && succeededAt > now - KNOWN_FOR_MS,
    );
  }

  /** Drops on the way what has left its window, and what the limit does not need to know. */
  private map(
    counters: readonly StoredCounter[],
    change: (counter: StoredCounter, window: Window) => StoredCounter,
  ): NewCounter[] {
    return counters.map((counter, index) => {
      const { window } = this.places[index] as Place;
      const { key, failures, pending, succeededAt } = change(counter, window);
      const within = (times: readonly number[]) => recent(times, window.ms, counter.now);
      return { key, failures: within(failures).slice(-window.limit), pending: within(pending), succeededAt };
    });
  }
}

/** Without one of that value. */
function without(times: readonly number[], time: number): number[] {
  const at = times.indexOf(time);
  return at === -1 ? [...times] : times.toSpliced(at, 1);
}
