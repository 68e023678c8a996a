import { Inject, Injectable } from '@nestjs/common';
import { NatsLink } from '@oneclaw/events';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { Clock } from '../clock.js';
import { CONFIG, type BillingConfig } from '../config.js';
import { UsageIntake } from '../usage/usage-intake.js';
import { LeasesRepository } from './leases.repository.js';

const PASSES_PER_TTL = 4;

/**
 * Ends the leases of gateways that are no more. What such a gateway had admitted is in the stream, and counts first: nothing ends while
 * usage waits there, or may: for half a lease's time after NATS or this service was away.
 */
@Injectable()
export class LeaseSweeper {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopListening: (() => void) | undefined;
  /** Epoch milliseconds since when usage could arrive here without a break. */
  private hearingSince = Infinity;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<BillingConfig, 'QUOTA_LEASE_TTL'>,
    private readonly dataSource: DataSource,
    private readonly leases: LeasesRepository,
    private readonly intake: UsageIntake,
    private readonly nats: NatsLink,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    const heard = (connected: boolean) => (this.hearingSince = connected ? this.clock.now().getTime() : Infinity);
    heard(this.nats.connected);
    this.stopListening = this.nats.onStatus(heard);
    const pass = () =>
      (this.running = this.sweep().catch((error: Error) => this.logger.warn(`leases: ${error.message}`)));
    this.timer = setInterval(pass, this.config.QUOTA_LEASE_TTL / PASSES_PER_TTL);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.stopListening?.();
    await this.running;
  }

  private async sweep(): Promise<void> {
    const now = this.clock.now();
    const heardFor = now.getTime() - this.hearingSince;
    if (heardFor < this.config.QUOTA_LEASE_TTL / 2 || this.intake.backlog > 0) return;
    const ended = await this.leases.deleteExpired(this.dataSource, now);
    if (ended > 0) this.logger.info({ leases: ended }, 'leases have ended');
  }
}
