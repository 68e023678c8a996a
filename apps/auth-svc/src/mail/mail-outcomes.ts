import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger, Metrics } from '@oneclaw/telemetry';
import { Counter } from 'prom-client';
import { DataSource } from 'typeorm';
import { CONFIG, type AuthConfig } from '../config.js';
import { delayAfter, describeFailure, isUndeliverable } from './mail-failure.js';
import { type DueMail, MailsRepository } from './mails.repository.js';

const OUTCOMES = ['sent', 'failed', 'undeliverable', 'dead'];

/**
 * What becomes of a mail after an attempt. `mails_total{outcome="dead"}` is an alarm; `failed` that grows while `sent` does not is
 * a mail server that is away.
 */
@Injectable()
export class MailOutcomes {
  private readonly counter: Counter<'outcome'>;

  constructor(
    private readonly database: DataSource,
    private readonly mails: MailsRepository,
    @Inject(CONFIG) private readonly config: AuthConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.counter = new Counter({
      name: 'mails_total',
      help: 'Attempts to send a mail, by how they ended; after "failed" there is another one.',
      labelNames: ['outcome'],
      registers: [metrics.registry],
    });
    // There from the start: Prometheus sees no increase in a series that is born with it.
    for (const outcome of OUTCOMES) this.counter.inc({ outcome }, 0);
  }

  async sent({ id }: DueMail): Promise<void> {
    this.counter.inc({ outcome: 'sent' });
    await this.mails.settle(this.database, id, 'sent');
  }

  /** Postpones it, unless another attempt makes no sense. */
  async failed({ id, attempts, ageMs }: DueMail, error: unknown): Promise<void> {
    const reason = describeFailure(error);
    if (isUndeliverable(error)) {
      this.counter.inc({ outcome: 'undeliverable' });
      this.logger.warn({ mail: id, reason }, 'a mail cannot be delivered');
      return this.mails.settle(this.database, id, 'undeliverable', reason);
    }
    if (ageMs < this.config.MAIL_GIVE_UP_AFTER) {
      this.counter.inc({ outcome: 'failed' });
      this.logger.warn({ mail: id, attempts, reason }, 'a mail could not be sent yet');
      return this.mails.postpone(this.database, id, delayAfter(attempts), reason);
    }
    this.counter.inc({ outcome: 'dead' });
    this.logger.error({ mail: id, attempts, reason, alarm: 'dead-mail' }, 'a mail is given up');
    return this.mails.settle(this.database, id, 'dead', reason);
  }
}
