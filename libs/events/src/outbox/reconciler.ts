import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { Confirmation } from '@oneclaw/contracts/events';
import type { Logger } from '@oneclaw/telemetry';
import type { DataSource } from 'typeorm';
import { CONSUMERS, FAMILIES, askSubject, confirmSubject, type Family } from '../families.js';
import type { NatsLink } from '../nats-link.js';
import { ConfirmationRepository, seenOf, type Seen } from './confirmation.repository.js';
import type { OutboxMetrics } from './outbox-metrics.js';
import { Ticker } from './ticker.js';

export interface ReconcilerOptions {
  producer: string;
  dataSource: DataSource;
  nats: NatsLink;
  logger: Logger;
  metrics: OutboxMetrics;
  consumers?: Partial<Record<Family, readonly string[]>> | undefined;
  settlingMs?: number | undefined;
}

const ASK_MS = 2000;
const EMPTY = new Uint8Array();
const SETTLING_MS = 10_000;

/**
 * Compares what the consumers have committed with what is kept here: prunes what all of them have, and returns to
 * publishing what the broker lost. Works on every replica alike.
 */
export class Reconciler {
  private readonly repository: ConfirmationRepository;
  private readonly seen = new Map<Family, Map<string, Seen>>();
  private readonly asking: Ticker;
  /** Confirmations are worked through one after another. */
  private work: Promise<void> = Promise.resolve();
  private unsubscribe: (() => void) | undefined;
  private subscription: Subscription | undefined;

  constructor(private readonly options: ReconcilerOptions) {
    this.repository = new ConfirmationRepository(options.dataSource, options.settlingMs ?? SETTLING_MS);
    this.asking = new Ticker(() => this.ask(), {
      distanceMs: ASK_MS,
      idleMs: ASK_MS,
      onError: (error) => options.logger.warn(`unconfirmed events cannot be looked up: ${error.message}`),
    });
  }

  start(): void {
    this.unsubscribe = this.options.nats.onConnection((connection) => this.subscribe(connection));
    this.asking.start();
  }

  async stop(): Promise<void> {
    this.unsubscribe?.();
    this.subscription?.unsubscribe();
    await Promise.all([this.asking.stop(), this.work]);
  }

  async lagSeconds(family: Family): Promise<number> {
    return this.repository.lagSeconds(family);
  }

  private subscribe(connection: NatsConnection): void {
    this.subscription = connection.subscribe(confirmSubject(this.options.producer, '*' as Family, '*'), {
      callback: (error, message) => {
        if (error) return this.options.logger.error(`confirmations cannot be heard: ${error.message}`);
        this.work = this.work.then(() => this.receive(message));
      },
    });
  }

  private async receive({ subject, data }: Msg): Promise<void> {
    try {
      // Who speaks is in the subject, which NATS guards; the message could claim anything.
      const [, , , family, consumer] = subject.split('.');
      const known = FAMILIES.find((each) => each === family);
      if (!known || consumer === undefined || !this.expected(known).includes(consumer)) return;
      await this.reconcile(known, consumer, Confirmation.decode(data));
    } catch (error) {
      this.options.logger.warn(`a confirmation could not be worked in: ${(error as Error).message}`);
    }
  }

  private async reconcile(family: Family, consumer: string, confirmation: Confirmation): Promise<void> {
    const { logger, producer, metrics } = this.options;
    if (await this.repository.skipSeen(family, confirmation.highestSeen)) {
      logger.error(
        { family, consumer },
        `the outbox of ${producer} is older than its consumer: restored from a backup?`,
      );
    }
    const consumers = this.seen.get(family) ?? new Map<string, Seen>();
    this.seen.set(family, consumers.set(consumer, seenOf(confirmation)));
    const seen = this.expected(family).map((each) => consumers.get(each));
    if (seen.every((each) => each !== undefined)) await this.repository.prune(family, seen);
    const lost = await this.repository.returnLost(family, confirmation);
    if (lost === 0) return;
    metrics.resending(lost);
    logger.warn({ family, consumer, batches: lost }, 'NATS lost events that it had taken; they are sent again');
  }

  private expected(family: Family): readonly string[] {
    return this.options.consumers?.[family] ?? CONSUMERS[family];
  }

  private async ask(): Promise<boolean> {
    const { nats, producer } = this.options;
    if (!nats.connected) return false;
    for (const family of await this.repository.stuckFamilies()) {
      nats.publish(askSubject(producer, family), EMPTY);
    }
    return false;
  }
}
