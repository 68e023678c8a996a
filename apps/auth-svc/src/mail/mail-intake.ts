import { Inject, Injectable } from '@nestjs/common';
import { encode } from '@oneclaw/contracts/encode';
import { MailMessage } from '@oneclaw/contracts/events';
import { afterCommit } from '@oneclaw/database';
import { DurableConsumer, NatsLink, type Received } from '@oneclaw/events';
import { LOGGER, type Logger, Metrics } from '@oneclaw/telemetry';
import { DataSource, type EntityManager } from 'typeorm';
import { type CheckedMail, decodeMail } from './mail-message.js';
import { MailSender } from './mail-sender.js';
import { MailsRepository } from './mails.repository.js';

/** The one consumer of mail.v1: takes mails of every service into the database, from where they are sent. */
@Injectable()
export class MailIntake {
  private readonly consumer: DurableConsumer<CheckedMail>;

  constructor(
    database: DataSource,
    nats: NatsLink,
    private readonly mails: MailsRepository,
    private readonly sender: MailSender,
    @Inject(LOGGER) logger: Logger,
    metrics: Metrics,
  ) {
    this.consumer = new DurableConsumer({
      name: 'auth-svc',
      family: 'mail',
      dataSource: database,
      nats,
      logger,
      metrics,
      decode: decodeMail,
      handle: (manager, events) => this.store(manager, events),
    });
  }

  start(): void {
    this.consumer.start();
  }

  async stop(): Promise<void> {
    await this.consumer.stop();
  }

  private async store(manager: EntityManager, events: readonly Received<CheckedMail>[]): Promise<void> {
    const mails = events.map(({ id, event }) => ({
      id,
      kind: event.kind,
      payload: encode(MailMessage, event),
    }));
    await this.mails.insert(manager, mails);
    afterCommit(manager, () => this.sender.hint());
  }
}
