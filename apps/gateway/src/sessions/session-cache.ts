import { CALLER_ASSERTION } from '@oneclaw/caller';
import { LRUCache } from 'lru-cache';
import { type Session, invalidationKeys } from './session.js';

/** Whether auth-svc is heard, and so whether an invalidation would have reached us by now. */
export interface Heartbeat {
  readonly fresh: boolean;
}

/** Marks the moment before a question to auth-svc; its answer is kept only if nothing voided it meanwhile. */
export interface Ticket {
  readonly sequence: number;
}

const MAX_SESSIONS = 20_000;
const MAX_VOIDED = 10_000;
/** One that would be usable for longer was made by another clock than that which it is judged by now: nobody can say when it ends. */
const MAX_LEFT_MS = CALLER_ASSERTION.lifetimeSeconds * 1000;

/**
 * Resolved sessions by the hash of their token. An entry is used only while auth-svc's heartbeat is fresh, until the session's
 * own end, and until one of its keys is voided. Invariant: an answer that auth-svc gave before a change is never
 * kept after we have heard of the change.
 */
export class SessionCache {
  private readonly sessions = new LRUCache<string, Session>({
    max: MAX_SESSIONS,
    dispose: (session, tokenHash) => this.unindex(tokenHash, session),
  });
  private readonly byKey = new Map<string, Set<string>>();
  private readonly voided = new Map<string, number>();
  private sequence = 0;
  /** Tickets from before this moment are worth nothing: what was voided since is no longer known in detail. */
  private horizon = 0;

  constructor(
    private readonly heartbeat: Heartbeat,
    private readonly now: () => number = Date.now,
  ) {}

  get(tokenHash: string): Session | undefined {
    if (!this.heartbeat.fresh) return undefined;
    const session = this.sessions.get(tokenHash);
    return session && this.isUsable(session) ? session : undefined;
  }

  ticket(): Ticket {
    return { sequence: this.sequence };
  }

  put(ticket: Ticket, tokenHash: string, session: Session): void {
    if (!this.heartbeat.fresh || !this.isUsable(session) || this.isVoid(ticket, session)) return;
    this.sessions.set(tokenHash, session);
    for (const key of invalidationKeys(session)) {
      const hashes = this.byKey.get(key);
      if (hashes) hashes.add(tokenHash);
      else this.byKey.set(key, new Set([tokenHash]));
    }
  }

  invalidate(keys: readonly string[]): void {
    this.sequence += 1;
    if (this.voided.size + keys.length > MAX_VOIDED) this.forgetVoided();
    for (const key of keys) {
      this.voided.set(key, this.sequence);
      for (const tokenHash of [...(this.byKey.get(key) ?? [])]) this.sessions.delete(tokenHash);
    }
  }

  /** Invalidations may have been missed: nothing kept or under way counts any more. */
  clear(): void {
    this.sequence += 1;
    this.forgetVoided();
    this.sessions.clear();
  }

  get size(): number {
    return this.sessions.size;
  }

  private isUsable({ usableUntil }: Session): boolean {
    const leftMs = usableUntil - this.now();
    return leftMs > 0 && leftMs <= MAX_LEFT_MS;
  }

  private isVoid(ticket: Ticket, session: Session): boolean {
    if (ticket.sequence < this.horizon) return true;
    return invalidationKeys(session).some((key) => (this.voided.get(key) ?? 0) > ticket.sequence);
  }

  private forgetVoided(): void {
    this.voided.clear();
    this.horizon = this.sequence;
  }

  private unindex(tokenHash: string, session: Session): void {
    for (const key of invalidationKeys(session)) {
      const hashes = this.byKey.get(key);
      hashes?.delete(tokenHash);
      if (hashes?.size === 0) this.byKey.delete(key);
    }
  }
}
