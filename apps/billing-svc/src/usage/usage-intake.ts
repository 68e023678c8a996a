import { Inject, Injectable } from '@nestjs/common';
import { DurableConsumer, NatsLink, type Received } from '@oneclaw/events';
import { LOGGER, Metrics, type Logger } from '@oneclaw/telemetry';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../clock.js';
import { type CountedRequest, decodeCountedRequest } from './counted-request.js';
import { UsageCounter } from './usage-counter.js';

/** Gateways send a message per turn of their event loops, often of one request: many share a transaction. */
const MESSAGES_AT_ONCE = 256;
const LINGER_MS = 100;
const MAX_UNACKNOWLEDGED = 1024;

/** Hears from the gateways what was used. */
@Injectable()
export class UsageIntake {
  private readonly consumer: DurableConsumer<CountedRequest>;

  constructor(
    dataSource: DataSource,
    nats: NatsLink,
    counter: UsageCounter,
    clock: Clock,
    metrics: Metrics,
    @Inject(LOGGER) logger: Logger,
  ) {
    const handle = (manager: EntityManager, events: Received<CountedRequest>[]) =>
      counter.count(
        manager,
        events.map(({ event }) => event),
      );
    this.consumer = new DurableConsumer({
      name: 'billing-svc',
      family: 'usage',
      dataSource,
      nats,
      logger,
      metrics,
      decode: (payload, id) => decodeCountedRequest(id, payload, clock.now()),
      handle,
      maxMessages: MESSAGES_AT_ONCE,
      lingerMs: LINGER_MS,
      maxUnacknowledged: MAX_UNACKNOWLEDGED,
    });
  }

  start(): void {
    this.consumer.start();
  }

  async stop(): Promise<void> {
    await this.consumer.stop();
  }

  /** Messages that wait in the stream, as of the last one received. */
  get backlog(): number {
    return this.consumer.backlog;
  }
}
