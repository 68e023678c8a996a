import { randomUUID } from 'node:crypto';
import { encode } from '@oneclaw/contracts/encode';
import { SessionInvalidation } from '@oneclaw/contracts/events';
import type { NatsLink } from '../nats-link.js';
import { BEAT_MS, SESSION_INVALIDATIONS } from './subjects.js';

/** Each key goes out this many times, so that a single lost message costs a beat and not the invalidation. */
const REPEATS = 2;
/** While NATS is away keys pile up here; beyond this, gateways that come back have stopped caching anyway. */
const MAX_WAITING = 10_000;

/**
 * Tells every gateway which resolved sessions are void, and several times a second that there is nothing to tell.
 * One per auth-svc process. Call `publish` after the commit of the change.
 */
export class SessionInvalidationPublisher {
  private readonly sender = randomUUID();
  private readonly waiting = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;
  private number = 0;
  private hurried = false;

  constructor(private readonly nats: NatsLink) {
    this.timer = setInterval(() => this.beat(), BEAT_MS);
  }

  /** Keys as in events.proto: "jti:<uuid>", "user:<uuid>", "agent:<uuid>", "org:<uuid>". Sent in this turn of the event loop. */
  publish(keys: readonly string[]): void {
    for (const key of keys) if (this.waiting.size < MAX_WAITING) this.waiting.set(key, REPEATS);
    if (this.hurried) return;
    this.hurried = true;
    setImmediate(() => {
      this.hurried = false;
      this.beat();
    });
  }

  /** Before the NatsLink is closed. */
  close(): void {
    clearInterval(this.timer);
    this.beat(true);
  }

  private beat(leaving = false): void {
    if (!this.nats.connected) return;
    const keys = [...this.waiting.keys()];
    for (const [key, left] of this.waiting) {
      if (left > 1) this.waiting.set(key, left - 1);
      else this.waiting.delete(key);
    }
    this.number += 1;
    const message: SessionInvalidation = { sender: this.sender, keys, beat: this.number, leaving };
    this.nats.publish(SESSION_INVALIDATIONS, encode(SessionInvalidation, message));
  }
}
