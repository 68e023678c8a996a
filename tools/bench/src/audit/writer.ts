import { setTimeout as pause } from 'node:timers/promises';
import { auditEvent } from '@oneclaw/events';
import type { Stack } from '@oneclaw/stack';
import { Client } from 'pg';
import type { OrgHistory } from './history.js';

const TICK_MS = 50;
const LOOK_MS = 500;
const SETTLE_MS = 60_000;
/** Of the new events, as of the old ones, so many are of the first org. */
const OF_THE_FIRST = 0.8;

const APPEND = `INSERT INTO outbox (id, family, payload) SELECT id, 'audit', payload FROM unnest($1::uuid[], $2::bytea[]) AS event (id, payload)`;
/** Of every chain: what audit-svc has committed. */
const CHAINED = 'SELECT coalesce(sum(position), 0)::float8 AS events FROM chain_heads';

export interface Written {
  events: number;
  seconds: number;
  /** Events a second that came into the chains meanwhile. */
  chainedRate: number;
  /** The most that waited on their way at any look, in seconds of writing. */
  mostBehindSeconds: number;
  /** Until the last was in its chain. */
  settledSeconds: number;
}

/** So many events a second the way that all events go: vault-svc's outbox, its relay, NATS, audit-svc. */
export class Writer {
  private stopped = false;
  private sent = 0;
  private mostBehind = 0;
  private readonly startedAt = performance.now();

  private constructor(
    private readonly outbox: Client,
    private readonly trail: Client,
    private readonly histories: readonly OrgHistory[],
    private readonly rate: number,
    private readonly chainedBefore: number,
  ) {}

  static async start(stack: Stack, histories: readonly OrgHistory[], rate: number): Promise<() => Promise<Written>> {
    const outbox = new Client({ connectionString: stack.databaseUrl('vault-svc', 'superuser') });
    const trail = new Client({ connectionString: stack.databaseUrl('audit-svc', 'superuser') });
    await Promise.all([outbox.connect(), trail.connect()]);
    const writer = new Writer(outbox, trail, histories, rate, await chainedEvents(trail));
    const work = Promise.all([writer.write(), writer.look()]);
    // Its failure is told when it is stopped.
    work.catch(() => undefined);
    return () => writer.stop(work);
  }

  private async write(): Promise<void> {
    while (!this.stopped) {
      const due = Math.floor((this.rate * this.elapsed()) / 1000) - this.sent;
      if (due > 0) await this.append(due);
      await pause(TICK_MS);
    }
  }

  private async append(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => {
      const history = Math.random() < OF_THE_FIRST ? this.histories[0]! : this.others();
      return auditEvent({ orgId: history.orgId, ...history.next() });
    });
    await this.outbox.query(APPEND, [events.map(({ id }) => id), events.map(({ payload }) => Buffer.from(payload))]);
    this.sent += count;
  }

  private others(): OrgHistory {
    return this.histories[1 + Math.floor(Math.random() * (this.histories.length - 1))] ?? this.histories[0]!;
  }

  private async look(): Promise<void> {
    while (!this.stopped) {
      const sent = this.sent;
      this.mostBehind = Math.max(this.mostBehind, sent - (await this.chained()));
      await pause(LOOK_MS);
    }
  }

  private async stop(work: Promise<unknown>): Promise<Written> {
    this.stopped = true;
    const seconds = this.elapsed() / 1000;
    const chainedMeanwhile = await this.chained();
    await work;
    const end = performance.now();
    while ((await this.chained()) < this.sent) {
      if (performance.now() - end > SETTLE_MS) throw new Error(`not all ${this.sent} events are in the trail`);
      await pause(TICK_MS);
    }
    const settledSeconds = (performance.now() - end) / 1000;
    await Promise.all([this.outbox.end(), this.trail.end()]);
    return {
      events: this.sent,
      seconds,
      chainedRate: chainedMeanwhile / seconds,
      mostBehindSeconds: this.mostBehind / this.rate,
      settledSeconds,
    };
  }

  private async chained(): Promise<number> {
    return (await chainedEvents(this.trail)) - this.chainedBefore;
  }

  private elapsed(): number {
    return performance.now() - this.startedAt;
  }
}

async function chainedEvents(trail: Client): Promise<number> {
  return (await trail.query<{ events: number }>(CHAINED)).rows[0]!.events;
}
