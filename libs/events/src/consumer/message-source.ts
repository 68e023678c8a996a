import {
  AckPolicy,
  DeliverPolicy,
  jetstream,
  jetstreamManager,
  type ConsumerMessages,
  type JsMsg,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '@oneclaw/telemetry';
import { BROKER_TIMEOUT_MS, ensureStream, streamName, type Family, type StreamOptions } from '../families.js';
import type { NatsLink } from '../nats-link.js';

export interface MessageSourceOptions {
  family: Family;
  /** The durable consumer's name, shared by all replicas. */
  consumer: string;
  nats: NatsLink;
  logger: Logger;
  streams: StreamOptions;
  /** Messages that all replicas together have taken and not acknowledged. Default 64. */
  maxUnacknowledged: number | undefined;
}

const MAX_UNACKNOWLEDGED = 64;
/**
 * The broker gives a message again after this long without an acknowledgement. Too early costs a little work twice; too late
 * holds up the trail after a crash.
 */
const ACK_WAIT_NS = 8 * 1e9;
const RETRY_PAUSE_MS = 1000;
const HEARTBEAT_MS = 2000;
/** The first one may be a stall of this process or of the broker; after it the client library asks the broker anew. */
const ALARMS = 2;

/**
 * The messages of a durable pull consumer, for ever: it makes stream and consumer anew where the broker has lost them, and a
 * consumer that neither delivers nor beats, though the broker knows it. NATS before 2.9.16 makes such a one for whoever comes
 * while somebody else is still making the stream (https://github.com/nats-io/nats-server/pull/4013), and keeps it so for ever.
 */
export class MessageSource {
  private messages: ConsumerMessages | undefined;
  /** Since the consumer was last heard. */
  private alarms = 0;
  private stopped = false;
  private wake: () => void = () => undefined;

  constructor(private readonly options: MessageSourceOptions) {}

  /** Calls `onMessage` for each message until `stop`. */
  async run(onMessage: (message: JsMsg) => void): Promise<void> {
    const stopWaiting = this.options.nats.onStatus(() => this.wake());
    while (!this.stopped) {
      const connection = this.options.nats.connection();
      try {
        if (connection) await this.follow(connection, onMessage);
      } catch (error) {
        this.options.logger.warn(
          `the stream of ${this.options.family} events is interrupted: ${(error as Error).message}`,
        );
      }
      if (!this.stopped) await this.pause();
    }
    stopWaiting();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.messages?.close();
  }

  private async follow(connection: NatsConnection, onMessage: (message: JsMsg) => void): Promise<void> {
    const { messages, created } = await this.open(connection);
    // Nobody waits for this: it is over when somebody has read to the end, and nobody will.
    if (this.stopped) return void messages.close();
    this.messages = messages;
    const watching = this.watch(connection, messages, created);
    for await (const message of messages) {
      this.alarms = 0;
      onMessage(message);
    }
    await watching;
  }

  /** Until the messages end. */
  private async watch(connection: NatsConnection, messages: ConsumerMessages, created: string): Promise<void> {
    this.alarms = 0;
    for await (const { type } of messages.status()) {
      if (type === 'heartbeat') this.alarms = 0;
      if (type !== 'heartbeats_missed') continue;
      this.alarms += 1;
      if (this.alarms >= ALARMS && (await this.replaced(connection, created))) void messages.close();
    }
  }

  /**
   * Removes the mute consumer of this age, or finds that another replica has. What it held in an outbox's stream comes again
   * from the outbox; what is on a stream with one consumer stays there.
   */
  private async replaced(connection: NatsConnection, created: string): Promise<boolean> {
    const { family, consumer: name, logger } = this.options;
    try {
      const manager = await jetstreamManager(connection, { checkAPI: false, timeout: BROKER_TIMEOUT_MS });
      const info = await manager.consumers.info(streamName(family), name);
      if (info.created === created) {
        logger.error(`NATS delivers no ${family} events and no heartbeats; its consumer is made anew`);
        await manager.consumers.delete(streamName(family), name);
      }
      return true;
    } catch {
      // A broker that does not answer at all: when it does, its consumer may be well.
      return false;
    }
  }

  private async open(connection: NatsConnection): Promise<{ messages: ConsumerMessages; created: string }> {
    const { family, consumer: name, streams, maxUnacknowledged = MAX_UNACKNOWLEDGED } = this.options;
    await ensureStream(connection, family, streams);
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: BROKER_TIMEOUT_MS });
    const { created } = await manager.consumers.add(streamName(family), {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: ACK_WAIT_NS,
      max_ack_pending: maxUnacknowledged,
      max_deliver: -1,
    });
    const consumer = await jetstream(connection).consumers.get(streamName(family), name);
    const messages = await consumer.consume({
      max_messages: maxUnacknowledged / 2,
      expires: 10_000,
      idle_heartbeat: HEARTBEAT_MS,
      abort_on_missing_resource: true,
    });
    return { messages, created };
  }

  private async pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_PAUSE_MS);
      this.wake = () => (clearTimeout(timer), resolve());
    });
  }
}
