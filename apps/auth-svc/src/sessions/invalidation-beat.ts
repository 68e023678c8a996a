import { Inject, Injectable } from '@nestjs/common';
import { NatsLink, SessionInvalidationPublisher } from '@oneclaw/events';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { InvalidationsRepository } from './invalidations.repository.js';
import { Repeating } from './repeating.js';

const TICK_MS = 200;
/** A database that takes longer to say what is void does not say it in time. */
const READ_TIMEOUT_MS = 400;

/**
 * This replica's voice towards the gateways. It repeats what any replica wrote lately, so that one that is cut off from NATS
 * cannot hide a revocation; and while it cannot read the database it takes leave, because its silence about a key would then
 * mean nothing. Gateways that hear nobody stop caching.
 */
@Injectable()
export class InvalidationBeat {
  private publisher: SessionInvalidationPublisher | undefined;
  private reading = false;
  private readonly ticking = new Repeating(
    () => this.tick(),
    TICK_MS,
    (error) => this.fallSilent(error),
  );

  constructor(
    private readonly database: DataSource,
    private readonly nats: NatsLink,
    private readonly invalidations: InvalidationsRepository,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  start(): void {
    this.ticking.start();
  }

  /** Before the NatsLink closes. */
  async stop(): Promise<void> {
    await this.ticking.stop();
    this.publisher?.close();
    this.publisher = undefined;
  }

  /** At once, without waiting for the next tick, which will say it again. */
  tell(keys: readonly string[]): void {
    this.publisher?.publish(keys);
  }

  private async tick(): Promise<void> {
    const keys = await within(READ_TIMEOUT_MS, this.read());
    this.publisher ??= new SessionInvalidationPublisher(this.nats);
    if (keys.length > 0) this.publisher.publish(keys);
  }

  /** One at a time: a database that hangs must not take up the pool as well. */
  private async read(): Promise<string[]> {
    if (this.reading) throw new Error('the last read is still under way');
    this.reading = true;
    return this.invalidations.findRecent(this.database).finally(() => (this.reading = false));
  }

  private fallSilent(error: Error): void {
    if (!this.publisher) return;
    this.logger.warn(`no session invalidations are told until the database answers: ${error.message}`);
    this.publisher.close();
    this.publisher = undefined;
  }
}

async function within<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}
