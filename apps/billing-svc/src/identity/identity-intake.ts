import { Inject, Injectable } from '@nestjs/common';
import type { IdentityEvent } from '@oneclaw/contracts/events';
import { DurableConsumer, NatsLink, decodeIdentityEvent, type Received } from '@oneclaw/events';
import { LOGGER, Metrics, type Logger } from '@oneclaw/telemetry';
import { DataSource, type EntityManager } from 'typeorm';
import { PlansRepository } from '../plans/plans.repository.js';
import { LeasesRepository } from '../quota/leases.repository.js';

/** Hears from auth-svc which orgs are no more. What they used stays counted; their history goes with its months. */
@Injectable()
export class IdentityIntake {
  private readonly consumer: DurableConsumer<IdentityEvent>;

  constructor(
    dataSource: DataSource,
    nats: NatsLink,
    private readonly plans: PlansRepository,
    private readonly leases: LeasesRepository,
    metrics: Metrics,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.consumer = new DurableConsumer({
      name: 'billing-svc',
      family: 'identity',
      dataSource,
      nats,
      logger,
      metrics,
      decode: decodeIdentityEvent,
      handle: (manager, events) => this.apply(manager, events),
    });
  }

  start(): void {
    this.consumer.start();
  }

  async stop(): Promise<void> {
    await this.consumer.stop();
  }

  async apply(manager: EntityManager, events: readonly Received<IdentityEvent>[]): Promise<void> {
    for (const { event } of events) {
      if (event.kind !== 'org.deleted') continue;
      await this.plans.delete(manager, event.orgId);
      await this.leases.deleteOrg(manager, event.orgId);
    }
  }
}
