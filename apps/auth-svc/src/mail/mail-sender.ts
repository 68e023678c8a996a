import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { Repeating } from '../sessions/repeating.js';
import { MailDelivery } from './mail-delivery.js';
import { MailOutcomes } from './mail-outcomes.js';
import { type DueMail, MailsRepository } from './mails.repository.js';

/** Mails under way at once. One that the server keeps hanging holds up a lane, not the others. */
const LANES = 5;
const POLL_MS = 1000;
const ATTEMPT_TIMEOUT_MS = 60_000;
/** Longer than an attempt can take: a mail is lent to one replica at a time. */
const LEND_MS = 3 * ATTEMPT_TIMEOUT_MS;

/**
 * Sends what waits, again and again until it is sent, cannot be delivered, or has waited too long. Every replica has these
 * lanes; a mail that a replica took to its grave is due again after LEND_MS.
 */
@Injectable()
export class MailSender {
  private readonly stopping = new AbortController();
  private readonly lanes = new Set<Promise<void>>();
  private readonly polling = new Repeating(
    async () => this.hint(),
    POLL_MS,
    () => undefined,
  );

  constructor(
    private readonly database: DataSource,
    private readonly mails: MailsRepository,
    private readonly delivery: MailDelivery,
    private readonly outcomes: MailOutcomes,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    this.polling.start();
  }

  /** Attempts under way are broken off; their mails are tried again. */
  async stop(): Promise<void> {
    await this.polling.stop();
    this.stopping.abort();
    await Promise.all(this.lanes);
  }

  /** There may be something to send. */
  hint(): void {
    if (this.stopping.signal.aborted || this.lanes.size >= LANES) return;
    const lane = this.work()
      .catch((error: Error) => this.logger.warn(`mails wait: ${error.message}`))
      .finally(() => this.lanes.delete(lane));
    this.lanes.add(lane);
  }

  private async work(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const mail = await this.mails.take(this.database, LEND_MS);
      if (!mail) return;
      // There was one, so there may be more: another lane has a look.
      this.hint();
      await this.attempt(mail);
    }
  }

  private async attempt(mail: DueMail): Promise<void> {
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]);
    try {
      await this.delivery.deliver(mail.id, mail.payload, signal);
    } catch (error) {
      return this.outcomes.failed(mail, error);
    }
    await this.outcomes.sent(mail);
  }
}
