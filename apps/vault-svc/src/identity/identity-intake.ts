import { Inject, Injectable } from '@nestjs/common';
import type { IdentityEvent } from '@oneclaw/contracts/events';
import { DurableConsumer, NatsLink, decodeIdentityEvent } from '@oneclaw/events';
import { LOGGER, Metrics, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { IdentityEffects } from './identity-effects.js';

/** Hears from auth-svc which users, agents and orgs are no more. */
@Injectable()
export class IdentityIntake {
  private readonly consumer: DurableConsumer<IdentityEvent>;

  constructor(
    dataSource: DataSource,
    nats: NatsLink,
    effects: IdentityEffects,
    metrics: Metrics,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.consumer = new DurableConsumer({
      name: 'vault-svc',
      family: 'identity',
      dataSource,
      nats,
      logger,
      metrics,
      decode: decodeIdentityEvent,
      handle: (manager, events) => effects.apply(manager, events),
    });
  }

  start(): void {
    this.consumer.start();
  }

  async stop(): Promise<void> {
    await this.consumer.stop();
  }
}
