import { type NatsLink, SessionInvalidationSubscriber } from '@oneclaw/events/sessions';
import type { Metrics, Readiness } from '@oneclaw/telemetry';
import { Gauge } from 'prom-client';
import { SessionCache } from './session-cache.js';

interface OtherListener {
  onKeys(keys: readonly string[]): void;
  /** Something may have been missed. */
  forget(): void;
}

/** A session cache and what it hears of auth-svc. The two need each other, so they are made together. */
export class HeardCache {
  readonly cache: SessionCache;
  private readonly subscriber: SessionInvalidationSubscriber;
  private other: OtherListener | undefined;

  constructor(nats: NatsLink, metrics: Metrics, readiness: Readiness) {
    const isFresh = () => this.subscriber.fresh;
    this.cache = new SessionCache({
      get fresh() {
        return isFresh();
      },
    });
    this.subscriber = new SessionInvalidationSubscriber(nats, {
      onKeys: (keys) => {
        this.cache.invalidate(keys);
        this.other?.onKeys(keys);
      },
      onLost: () => {
        this.cache.clear();
        this.other?.forget();
      },
    });
    this.observe(metrics);
    // Without it requests are slower, not wrong, so it decides nothing.
    readiness.inform('session_heartbeat', () => (this.subscriber.fresh ? 'heard' : 'silent'));
  }

  /** Whether no change can have been missed. */
  get fresh(): boolean {
    return this.subscriber.fresh;
  }

  /** Who else keeps what auth-svc voids. */
  tell(other: OtherListener): void {
    this.other = other;
  }

  close(): void {
    this.subscriber.close();
  }

  private observe(metrics: Metrics): void {
    const { cache } = this;
    new Gauge({
      name: 'session_cache_entries',
      help: 'Resolved sessions that are kept.',
      registers: [metrics.registry],
      collect() {
        this.set(cache.size);
      },
    });
  }
}
