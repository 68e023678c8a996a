import type { Logger, Metrics, Readiness } from '@oneclaw/telemetry';
import type { DataSource } from 'typeorm';
import type { Family, StreamOptions } from '../families.js';
import type { NatsLink } from '../nats-link.js';
import { OutboxMetrics } from './outbox-metrics.js';
import { OutboxRepository } from './outbox.repository.js';
import { Publisher } from './publisher.js';
import { Reconciler } from './reconciler.js';
import { onHint } from './relay-hint.js';
import { idFloor } from './id-floor.js';
import { Ticker } from './ticker.js';
import type { Batch } from './batcher.js';

export interface RelayOptions {
  /** The service whose database this is, e.g. "vault-svc"; its replicas share the name. */
  producer: string;
  dataSource: DataSource;
  nats: NatsLink;
  logger: Logger;
  metrics?: Metrics;
  /** Hears how old the oldest audit event is that audit-svc has not confirmed. */
  readiness?: Readiness;
  streams?: StreamOptions;
  /** Expected consumers by family, where they are not the deployed ones (tests). */
  consumers?: Partial<Record<Family, readonly string[]>>;
  /** How long a published batch may be under way before it can count as lost. Default 10 s; less in tests. */
  settlingMs?: number;
}

/** Under load passes follow each other at this distance: the more events each carries, the less it costs. */
const PASS_DISTANCE_MS = 75;
/** Finds what other processes, or a lost hint, left behind. */
const IDLE_PASS_MS = 500;
const SWEEP_MS = 1000;
const SWEEP_DISTANCE_MS = 100;
/** A pass looks at ids from the last minute, and every tenth second at all: a transaction may commit long after it made its ids. */
const RECENT_MS = 60_000;
const FULL_SCAN_MS = 10_000;
const EVENTS_PER_PASS = 2000;
const BATCHES_PER_SWEEP = 16;

/**
 * Carries events from `outbox` to JetStream and keeps them until their consumers confirm. Any number of replicas may run on
 * one database. Power may fail on any line: what is numbered is in `outbox_batch`, and whatever there is not marked as
 * published is published again.
 */
export class OutboxRelay {
  private readonly repository: OutboxRepository;
  private readonly publisher: Publisher;
  private readonly reconciler: Reconciler;
  private readonly metrics: OutboxMetrics;
  private readonly passes: Ticker;
  private readonly sweeps: Ticker;
  private readonly unsubscribe: (() => void)[] = [];
  /** On the monotonic clock: the other one may be put back. */
  private nextFullScan = -Infinity;
  /** Off after a failure: new batches then wait for a sweep that succeeds. */
  private publishing = true;

  constructor(private readonly options: RelayOptions) {
    const { dataSource, producer, nats, logger } = options;
    this.repository = new OutboxRepository(dataSource, producer);
    this.publisher = new Publisher(nats, producer, options.streams ?? {});
    this.metrics = new OutboxMetrics(options.metrics, (family) => this.lagSeconds(family));
    options.readiness?.lag('outbox_lag_seconds', () => this.lagSeconds('audit'));
    this.reconciler = new Reconciler({ ...options, metrics: this.metrics });
    const onError = (error: Error) => logger.warn(`the relay of events pauses: ${error.message}`);
    this.passes = new Ticker(() => this.pass(), { distanceMs: PASS_DISTANCE_MS, idleMs: IDLE_PASS_MS, onError });
    this.sweeps = new Ticker(() => this.sweep(), { distanceMs: SWEEP_DISTANCE_MS, idleMs: SWEEP_MS, onError });
  }

  start(): void {
    this.unsubscribe.push(
      onHint(this.options.dataSource, () => this.passes.hint()),
      this.options.nats.onStatus((connected) => connected && this.sweeps.hint()),
    );
    this.reconciler.start();
    this.passes.start();
    this.sweeps.start();
  }

  /** Ends the work under way. What is left stays in Postgres for the next relay. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.unsubscribe.splice(0)) unsubscribe();
    await Promise.all([this.passes.stop(), this.sweeps.stop(), this.reconciler.stop()]);
  }

  /** Age in seconds of the oldest event that its consumers have not confirmed. */
  async lagSeconds(family: Family): Promise<number> {
    return this.reconciler.lagSeconds(family);
  }

  /** Numbers what is new and publishes it. Answers whether there is more to do at once. */
  private async pass(): Promise<boolean> {
    const full = performance.now() >= this.nextFullScan;
    const fromId = idFloor(full ? 0 : Date.now() - RECENT_MS);
    const publish = this.publishing && this.options.nats.connected;
    const { taken, batches } = await this.repository.takeBatches(fromId, EVENTS_PER_PASS, publish);
    if (full && taken < EVENTS_PER_PASS) this.nextFullScan = performance.now() + FULL_SCAN_MS;
    if (publish && batches.length > 0) await this.send(batches);
    return taken === EVENTS_PER_PASS;
  }

  /** Publishes what a pass could not, or what was lost since. */
  private async sweep(): Promise<boolean> {
    if (!this.options.nats.connected) return false;
    const batches = await this.repository.claimUnpublished(BATCHES_PER_SWEEP);
    if (batches.length > 0) await this.send(batches);
    this.publishing = true;
    return batches.length === BATCHES_PER_SWEEP;
  }

  /** Throws if any could not be published. */
  private async send(batches: readonly Batch[]): Promise<void> {
    const outcome = await this.publisher.publish(batches);
    this.metrics.published(outcome);
    if (outcome.published.length > 0) await this.repository.markPublished(outcome.published);
    if (outcome.failed.length === 0) return;
    this.publishing = false;
    await this.repository.release(outcome.failed);
    throw new Error(`${outcome.failed.length} batches could not be published: ${outcome.reason}`);
  }
}
