import type { Subscription } from '@nats-io/transport-node';
import { SessionInvalidation } from '@oneclaw/contracts/events';
import type { NatsLink } from '../nats-link.js';
import { FORGET_MS, SESSION_INVALIDATIONS, SILENCE_MS } from './subjects.js';

export interface SessionInvalidationListener {
  /** These cached resolutions are void. */
  onKeys: (keys: readonly string[]) => void;
  /** Something may have been missed: everything cached is void. */
  onLost: () => void;
}

interface Sender {
  beat: number;
  heardAt: number;
}

/**
 * Hears which resolved sessions are void, and knows when it cannot know: with NATS away, with a beat missed, or with nobody heard
 * for 600 ms. One auth-svc replica is enough, as each repeats what any of them wrote. Cache only while `fresh`, and only what
 * was resolved while it was.
 */
export class SessionInvalidationSubscriber {
  private readonly senders = new Map<string, Sender>();
  private readonly unsubscribe: (() => void)[];
  private readonly timer: NodeJS.Timeout;
  private subscription: Subscription | undefined;
  private wasFresh = false;

  constructor(
    private readonly nats: NatsLink,
    private readonly listener: SessionInvalidationListener,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.unsubscribe = [
      nats.onStatus(() => this.check()),
      nats.onConnection((connection) => {
        this.subscription = connection.subscribe(SESSION_INVALIDATIONS, {
          callback: (error, message) => (error ? this.lose() : this.receive(SessionInvalidation.decode(message.data))),
        });
      }),
    ];
    this.timer = setInterval(() => this.check(), SILENCE_MS / 4);
    this.timer.unref();
  }

  /** Whether no invalidation can have been missed for longer than 600 ms. */
  get fresh(): boolean {
    return this.nats.connected && this.now() - this.lastHeardAt <= SILENCE_MS;
  }

  /** On the clock of `now`, of the senders that have not taken leave; -Infinity when there are none. */
  get lastHeardAt(): number {
    let last = -Infinity;
    for (const sender of this.senders.values()) last = Math.max(last, sender.heardAt);
    return last;
  }

  close(): void {
    clearInterval(this.timer);
    for (const unsubscribe of this.unsubscribe) unsubscribe();
    this.subscription?.unsubscribe();
  }

  /** A message as it arrives; public for tests of what is lost. */
  receive({ sender: name, keys, beat, leaving }: SessionInvalidation): void {
    const known = this.senders.get(name);
    if (known && beat > known.beat + 1) this.lose();
    if (leaving) this.senders.delete(name);
    else this.senders.set(name, { beat, heardAt: this.now() });
    if (keys.length > 0) this.listener.onKeys(keys);
    this.check();
  }

  /** Notices the moment at which freshness ends. */
  private check(): void {
    const forget = this.now() - FORGET_MS;
    for (const [name, sender] of this.senders) if (sender.heardAt < forget) this.senders.delete(name);
    const { fresh } = this;
    if (this.wasFresh && !fresh) this.lose();
    this.wasFresh = fresh;
  }

  private lose(): void {
    this.listener.onLost();
  }
}
