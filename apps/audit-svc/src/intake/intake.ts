import { Inject, Injectable } from '@nestjs/common';
import { DurableConsumer, NatsLink } from '@oneclaw/events';
import { LOGGER, Metrics, Readiness, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { ChainService } from '../chain/chain.service.js';
import type { IncomingEvent } from '../chain/chained-event.js';
import { CONFIG, type AuditConfig } from '../config.js';
import { decodeAuditEvent } from './decode-audit-event.js';
import { TrailLag } from './trail-lag.js';

/** Takes events off the stream and into the chains. */
@Injectable()
export class Intake {
  private readonly consumer: DurableConsumer<IncomingEvent>;

  constructor(
    chains: ChainService,
    dataSource: DataSource,
    nats: NatsLink,
    lag: TrailLag,
    readiness: Readiness,
    metrics: Metrics,
    @Inject(CONFIG) config: AuditConfig,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.consumer = new DurableConsumer({
      name: 'audit-svc',
      family: 'audit',
      dataSource,
      nats,
      logger,
      metrics,
      streams: { replicas: config.NATS_STREAM_REPLICAS },
      decode: decodeAuditEvent,
      handle: async (manager, events) => {
        const incoming = events.map(({ event }) => event);
        await chains.append(manager, incoming);
        lag.handled(incoming);
      },
    });
    lag.watch(() => this.consumer.backlog);
    readiness.inform('trail_lag_seconds', () => lag.seconds());
  }

  start(): void {
    this.consumer.start();
  }

  async stop(): Promise<void> {
    await this.consumer.stop();
  }
}
