import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { encode } from '@oneclaw/contracts/encode';
import { Confirmation, type StreamPosition } from '@oneclaw/contracts/events';
import type { Logger } from '@oneclaw/telemetry';
import type { DataSource } from 'typeorm';
import { BROKER_TIMEOUT_MS, askSubject, confirmSubject, streamName, type Family } from '../families.js';
import type { NatsLink } from '../nats-link.js';
import type { ConsumedRepository, Progress } from './consumed.repository.js';

export interface ConfirmerOptions {
  family: Family;
  consumer: string;
  nats: NatsLink;
  dataSource: DataSource;
  repository: ConsumedRepository;
  logger: Logger;
}

const LEAST_DISTANCE_MS = 200;

/** Tells producers what is committed here: soon after it is, and whenever they ask. */
export class Confirmer {
  private readonly waiting = new Map<string, Progress>();
  private timer: NodeJS.Timeout | undefined;
  private unsubscribe: (() => void) | undefined;
  private subscription: Subscription | undefined;

  constructor(private readonly options: ConfirmerOptions) {}

  start(): void {
    this.unsubscribe = this.options.nats.onConnection((connection) => this.listen(connection));
  }

  stop(): void {
    this.unsubscribe?.();
    this.subscription?.unsubscribe();
    clearTimeout(this.timer);
    this.flush();
  }

  /** After the commit. Losing one of these costs nothing: the next one says more. */
  committed(progress: readonly Progress[]): void {
    for (const each of progress) this.waiting.set(each.producer, each);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, LEAST_DISTANCE_MS);
  }

  private flush(): void {
    for (const progress of this.waiting.values()) this.publish(progress);
    this.waiting.clear();
  }

  private publish(progress: Progress, stream?: StreamPosition): void {
    const { family, consumer, nats } = this.options;
    const confirmation: Confirmation = { ...progress, stream };
    nats.publish(confirmSubject(progress.producer, family, consumer), encode(Confirmation, confirmation));
  }

  /** One replica answers each question. */
  private listen(connection: NatsConnection): void {
    const { family, consumer, logger } = this.options;
    this.subscription = connection.subscribe(askSubject('*', family), {
      queue: consumer,
      callback: (error, message) => {
        if (error) return logger.error(`questions of producers cannot be heard: ${error.message}`);
        const [, , producer = ''] = message.subject.split('.');
        this.answer(connection, producer).catch((cause: Error) =>
          logger.warn(`a producer's question goes unanswered: ${cause.message}`),
        );
      },
    });
  }

  private async answer(connection: NatsConnection, producer: string): Promise<void> {
    // The stream first: what it says is settled was committed before, so the database cannot know less.
    const position = await this.streamPosition(connection);
    const { repository, dataSource } = this.options;
    this.publish(await repository.find(dataSource, producer), position);
  }

  private async streamPosition(connection: NatsConnection): Promise<StreamPosition> {
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: BROKER_TIMEOUT_MS });
    const name = streamName(this.options.family);
    const { state } = await manager.streams.info(name);
    const { num_pending, num_ack_pending, ack_floor, delivered } = await manager.consumers.info(
      name,
      this.options.consumer,
    );
    const lastSeq = state.last_seq;
    if (num_ack_pending > 0) return { lastSeq, settledThrough: ack_floor.stream_seq };
    return { lastSeq, settledThrough: num_pending > 0 ? delivered.stream_seq : lastSeq };
  }
}
