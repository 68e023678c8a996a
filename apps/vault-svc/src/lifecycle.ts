import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { NatsLink, OutboxRelay } from '@oneclaw/events';
import { DataSource } from 'typeorm';
import { IdentityIntake } from './identity/identity-intake.js';

/** Starts what carries events with the service, and at the end closes what others use, in order. */
@Injectable()
export class Lifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly relay: OutboxRelay,
    private readonly identity: IdentityIntake,
    private readonly nats: NatsLink,
    private readonly database: DataSource,
  ) {}

  onApplicationBootstrap(): void {
    this.relay.start();
    this.identity.start();
  }

  /** Calls in flight and background work have ended by now. */
  async onApplicationShutdown(): Promise<void> {
    await this.identity.stop();
    await this.relay.stop();
    await this.nats.close();
    await this.database.destroy();
  }
}
