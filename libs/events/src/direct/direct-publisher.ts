import { encode } from '@oneclaw/contracts/encode';
import { EventBatch, type Event } from '@oneclaw/contracts/events';
import type { Logger } from '@oneclaw/telemetry';
import { newEventId } from '../event-id.js';
import { withTrace } from '../event-trace.js';
import type { Family } from '../families.js';
import type { NatsLink } from '../nats-link.js';
import { MAX_EVENTS } from '../outbox/batcher.js';
import { Publisher } from '../outbox/publisher.js';

export interface DirectPublisherOptions {
  /** The service, e.g. "gateway". */
  producer: string;
  family: Family;
  nats: NatsLink;
  logger: Logger;
  /** Events kept at most while the broker takes none; beyond it the oldest are lost. Default 200,000. */
  maxEvents?: number;
}

/** Batches that wait for the broker's acknowledgement; what comes meanwhile gathers. */
const MAX_IN_FLIGHT = 16;
const RETRY_PAUSE_MS = 500;
const CLOSE_TIMEOUT_MS = 3000;

/**
 * Events of a process that has no outbox. What is added in one turn of the event loop is on its way to the broker when the turn
 * ends: a process that is killed afterwards has lost none of it. Each event is kept, and published again, until the broker has
 * acknowledged it; consumers rely on the event's id. What such a process must never lose belongs to a service with a database.
 */
export class DirectPublisher {
  private waiting: Event[] = [];
  private inFlight = 0;
  private inFlightEvents = 0;
  private scheduled = false;
  private retry: NodeJS.Timeout | undefined;
  private idle: () => void = () => undefined;
  private readonly publisher: Publisher;
  private readonly stopListening: () => void;

  constructor(private readonly options: DirectPublisherOptions) {
    this.publisher = new Publisher(options.nats, options.producer, {});
    this.stopListening = options.nats.onStatus((connected) => connected && this.schedule());
  }

  /** @param id UUIDv7 */
  add(id: string, payload: Uint8Array): void {
    this.waiting.push({ seq: 0, id, payload: withTrace(payload) as Buffer });
    this.schedule();
  }

  /** Events that the broker has not acknowledged. */
  get backlog(): number {
    return this.waiting.length + this.inFlightEvents;
  }

  /** Waits until the broker has everything, for three seconds at most. Before the NatsLink is closed. */
  async close(): Promise<void> {
    this.stopListening();
    if (this.backlog > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
        this.idle = () => (clearTimeout(timer), resolve());
      });
    }
    clearTimeout(this.retry);
    const { producer, family, logger } = this.options;
    if (this.backlog > 0)
      logger.error({ events: this.backlog }, `${family} events of ${producer} are lost at shutdown`);
  }

  /** After the promises that this turn resolves, and before its timers and sockets: one batch for all that ends together. */
  private schedule(): void {
    if (this.scheduled || this.retry) return;
    this.scheduled = true;
    process.nextTick(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    this.bound();
    if (!this.options.nats.connected) return;
    while (this.waiting.length > 0 && this.inFlight < MAX_IN_FLIGHT) void this.send(this.waiting.splice(0, MAX_EVENTS));
  }

  private async send(events: Event[]): Promise<void> {
    const { producer, family } = this.options;
    this.inFlight += 1;
    this.inFlightEvents += events.length;
    const message = encode(EventBatch, { producer, events });
    // Not named after its first event: what was put back goes out in other batches, and one that begins like an earlier one would be
    // taken for it by the broker, and dropped.
    const batch = { family, firstSeq: 0, lastSeq: 0, firstId: newEventId(), message, resends: 0 };
    const { failed, reason } = await this.publisher.publish([batch]);
    this.inFlight -= 1;
    this.inFlightEvents -= events.length;
    if (failed.length > 0) this.putBack(events, reason);
    else if (this.backlog === 0) this.idle();
    else if (this.waiting.length > 0) this.schedule();
  }

  private putBack(events: readonly Event[], reason: string | undefined): void {
    this.waiting = [...events, ...this.waiting];
    this.options.logger.warn({ backlog: this.backlog, reason }, `${this.options.family} events wait`);
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      this.schedule();
    }, RETRY_PAUSE_MS);
    this.retry.unref();
  }

  private bound(): void {
    const { maxEvents = 200_000, family, logger } = this.options;
    const excess = this.waiting.length - maxEvents;
    if (excess <= 0) return;
    // A tenth more, so that it does not happen at every event.
    const lost = this.waiting.splice(0, excess + Math.ceil(maxEvents / 10)).length;
    logger.error({ events: lost }, `${family} events are lost: the broker has been away too long`);
  }
}
