import { JetStreamApiError, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { BROKER_TIMEOUT_MS, ensureStream, eventSubject, type Family, type StreamOptions } from '../families.js';
import type { NatsLink } from '../nats-link.js';
import type { Batch } from './batcher.js';

export interface PublishOutcome {
  published: { batch: Batch; streamSeq: number }[];
  failed: Batch[];
  /** Why the first one failed. */
  reason?: string;
}

/** Puts batches on their streams. An unclear outcome counts as failed: publishing again under the same message id is harmless. */
export class Publisher {
  private readonly ensured = new WeakMap<NatsConnection, Set<Family>>();

  constructor(
    private readonly nats: NatsLink,
    private readonly producer: string,
    private readonly streams: StreamOptions,
  ) {}

  async publish(batches: readonly Batch[]): Promise<PublishOutcome> {
    const outcome: PublishOutcome = { published: [], failed: [] };
    await Promise.all(
      batches.map(async (batch) => {
        try {
          outcome.published.push({ batch, streamSeq: await this.publishOne(batch) });
        } catch (error) {
          outcome.failed.push(batch);
          outcome.reason ??= (error as Error).message;
        }
      }),
    );
    return outcome;
  }

  private async publishOne(batch: Batch): Promise<number> {
    const connection = this.nats.connection();
    if (!connection) throw new Error('NATS is disconnected');
    await this.ensureOnce(connection, batch.family);
    const subject = eventSubject(batch.family, this.producer);
    const client = jetstream(connection, { timeout: BROKER_TIMEOUT_MS });
    try {
      const ack = await client.publish(subject, batch.message, {
        msgID: messageId(this.producer, batch),
        timeout: BROKER_TIMEOUT_MS,
      });
      return ack.seq;
    } catch (error) {
      // Not an answer of the stream: perhaps it is no more, so look at it again before the next attempt.
      if (!(error instanceof JetStreamApiError)) this.ensured.get(connection)?.delete(batch.family);
      throw error;
    }
  }

  private async ensureOnce(connection: NatsConnection, family: Family): Promise<void> {
    const done = this.ensured.get(connection) ?? new Set();
    this.ensured.set(connection, done);
    if (done.has(family)) return;
    await ensureStream(connection, family, this.streams);
    done.add(family);
  }
}

/** New for each resend, or the broker's dedup would swallow what its stream has lost. */
function messageId(producer: string, { family, firstSeq, lastSeq, firstId, resends }: Batch): string {
  const id = `${producer}:${family}:${firstSeq}-${lastSeq}:${firstId}`;
  return resends === 0 ? id : `${id}:resend-${resends}`;
}
