import type { JsMsg } from '@nats-io/jetstream';
import { isUnavailable, transaction } from '@oneclaw/database';
import type { Logger, Metrics } from '@oneclaw/telemetry';
import type { DataSource, EntityManager } from 'typeorm';
import { handleTraced } from '../event-trace.js';
import type { Family, StreamOptions } from '../families.js';
import type { NatsLink } from '../nats-link.js';
import { Confirmer } from './confirmer.js';
import { ConsumedRepository } from './consumed.repository.js';
import { ConsumerMetrics } from './consumer-metrics.js';
import { buryAll, takeApart, type Decoder, type Inbound, type Received } from './inbound.js';
import { MessageSource } from './message-source.js';

export interface DurableConsumerOptions<T> {
  /** The service, e.g. "audit-svc": its replicas share the work. Must stand in CONSUMERS for the family. */
  name: string;
  family: Family;
  dataSource: DataSource;
  nats: NatsLink;
  logger: Logger;
  metrics?: Metrics;
  streams?: StreamOptions;
  decode: Decoder<T>;
  /**
   * Makes the effects of some hundred events, in the transaction given. An event may come again, in another replica too:
   * a unique key on its id must make that harmless.
   */
  handle: (manager: EntityManager, events: Received<T>[]) => Promise<void>;
  /** Messages (of up to 200 events) per transaction. Default 8. */
  maxMessages?: number;
  /** How long messages may wait for others to share their transaction. Default 0. */
  lingerMs?: number;
  /** Messages that all replicas together have taken and not acknowledged. Default 64. */
  maxUnacknowledged?: number;
}

const ATTEMPTS = 5;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 15_000;

/**
 * Handles a family's events at least once each: effects, progress and dead letters commit together, then the broker gets its
 * acknowledgement, then the producer its confirmation. While the database is away messages go back and wait; a message that
 * fails for any other reason is tried alone, five times, and then becomes a dead letter with an alarm.
 */
export class DurableConsumer<T> {
  private readonly repository: ConsumedRepository;
  private readonly source: MessageSource;
  private readonly confirmer: Confirmer;
  private readonly metrics: ConsumerMetrics;
  private waiting: JsMsg[] = [];
  private running: Promise<void> | undefined;
  private following: Promise<void> = Promise.resolve();
  private lingering: { timer: NodeJS.Timeout; end: () => void } | undefined;

  constructor(private readonly options: DurableConsumerOptions<T>) {
    const { family, name, nats, dataSource, logger, streams = {}, maxUnacknowledged } = options;
    this.repository = new ConsumedRepository(family);
    this.source = new MessageSource({ family, consumer: name, nats, logger, streams, maxUnacknowledged });
    this.confirmer = new Confirmer({ family, consumer: name, nats, dataSource, repository: this.repository, logger });
    this.metrics = new ConsumerMetrics(options.metrics, family);
  }

  start(): void {
    this.confirmer.start();
    this.following = this.source.run((message) => {
      this.waiting.push(message);
      this.running ??= this.work().finally(() => (this.running = undefined));
      if (this.waiting.length >= this.maxMessages) this.endLingering();
    });
  }

  /** Finishes the transaction under way; what waits goes to another replica. */
  async stop(): Promise<void> {
    await this.source.stop();
    await this.following;
    for (const message of this.waiting.splice(0)) tellBroker(() => message.nak());
    this.endLingering();
    await this.running;
    this.confirmer.stop();
  }

  /** Messages in the broker's stream that wait for this service, as of the last one received. */
  get backlog(): number {
    return this.metrics.backlog;
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) {
      if (this.waiting.length < this.maxMessages) await this.linger();
      const messages = this.waiting.splice(0, this.maxMessages);
      if (messages.length === 0) return;
      await this.handle(messages).catch((error: Error) => this.refuse(messages, error));
    }
  }

  private get maxMessages(): number {
    return this.options.maxMessages ?? 8;
  }

  private async linger(): Promise<void> {
    const { lingerMs = 0 } = this.options;
    if (lingerMs === 0) return;
    await new Promise<void>((resolve) => {
      this.lingering = { timer: setTimeout(() => this.endLingering(), lingerMs), end: resolve };
    });
  }

  private endLingering(): void {
    clearTimeout(this.lingering?.timer);
    this.lingering?.end();
    this.lingering = undefined;
  }

  private async handle(messages: readonly JsMsg[]): Promise<void> {
    const { family, decode } = this.options;
    await handleTraced(family, messages, () => this.settle(messages, takeApart(messages, decode)));
  }

  private async settle(messages: readonly JsMsg[], inbound: Inbound<T>): Promise<void> {
    const progress = await transaction(this.options.dataSource, async (manager) => {
      if (inbound.events.length > 0) await this.options.handle(manager, inbound.events);
      if (inbound.deadLetters.length > 0) await this.repository.bury(manager, inbound.deadLetters);
      return inbound.settled.length > 0 ? this.repository.markSeen(manager, inbound.settled) : [];
    });
    for (const message of messages) tellBroker(() => message.ack());
    this.confirmer.committed(progress);
    this.metrics.settled(inbound, progress, messages.at(-1)?.info.pending ?? 0);
    for (const { subject, seq, reason } of inbound.deadLetters) {
      this.options.logger.error({ subject, seq, reason }, 'an event is a dead letter');
    }
  }

  private async refuse(messages: readonly JsMsg[], error: Error): Promise<void> {
    const { logger, family } = this.options;
    if (isUnavailable(error)) {
      logger.warn(`${family} events wait: ${error.message}`);
      for (const message of messages) tellBroker(() => message.nak(delayFor(message)));
    } else if (messages.length > 1) {
      for (const message of messages)
        await this.handle([message]).catch((cause: Error) => this.refuse([message], cause));
    } else {
      const [message] = messages as [JsMsg];
      logger.error(
        { err: error, attempt: message.info.deliveryCount },
        `a message of ${family} events cannot be handled`,
      );
      if (message.info.deliveryCount < ATTEMPTS) tellBroker(() => message.nak(delayFor(message)));
      else
        await this.settle(messages, buryAll(messages, error.message)).catch(() =>
          tellBroker(() => message.nak(LONGEST_DELAY_MS)),
        );
    }
  }
}

/** Doubling with each delivery. */
function delayFor(message: JsMsg): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (message.info.deliveryCount - 1));
}

/** A broker that is gone hears nothing, and delivers again. */
function tellBroker(say: () => void): void {
  try {
    say();
  } catch {
    // The connection was closed.
  }
}
