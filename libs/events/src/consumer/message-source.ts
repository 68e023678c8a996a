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

/** The messages of a durable pull consumer, for ever: it makes stream and consumer anew where the broker has lost them. */
export class MessageSource {
  private messages: ConsumerMessages | undefined;
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
    const messages = await this.open(connection);
    // Nobody waits for this: it is over when somebody has read to the end, and nobody will.
    if (this.stopped) return void messages.close();
    this.messages = messages;
    for await (const message of messages) onMessage(message);
  }

  private async open(connection: NatsConnection): Promise<ConsumerMessages> {
    const { family, consumer: name, streams, maxUnacknowledged = MAX_UNACKNOWLEDGED } = this.options;
    await ensureStream(connection, family, streams);
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: BROKER_TIMEOUT_MS });
    await manager.consumers.add(streamName(family), {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: ACK_WAIT_NS,
      max_ack_pending: maxUnacknowledged,
      max_deliver: -1,
    });
    const consumer = await jetstream(connection).consumers.get(streamName(family), name);
    return consumer.consume({
      max_messages: maxUnacknowledged / 2,
      expires: 10_000,
      idle_heartbeat: 2000,
      abort_on_missing_resource: true,
    });
  }

  private async pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_PAUSE_MS);
      this.wake = () => (clearTimeout(timer), resolve());
    });
  }
}
