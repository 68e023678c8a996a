import { LOGGER, type Logger, Metrics, Readiness } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { NatsLink } from './nats-link.js';
import { OutboxRelay } from './outbox/outbox-relay.js';

/**
 * A Nest provider of a service's connection to NATS.
 * @param self the service's name
 * @param config the token of its configuration, which has `NATS_URL_FILE`: nats://user:password@host:port
 */
export function natsLinkProvider(self: string, config: symbol) {
  return {
    provide: NatsLink,
    inject: [config, LOGGER, Metrics],
    useFactory: ({ NATS_URL_FILE: url }: { NATS_URL_FILE: string }, logger: Logger, metrics: Metrics) =>
      new NatsLink({ url, name: self, logger, metrics }),
  };
}

/** A Nest provider of what publishes a service's outbox. */
export function outboxRelayProvider(self: string) {
  return {
    provide: OutboxRelay,
    inject: [DataSource, NatsLink, LOGGER, Metrics, Readiness],
    useFactory: (dataSource: DataSource, nats: NatsLink, logger: Logger, metrics: Metrics, readiness: Readiness) =>
      new OutboxRelay({ producer: self, dataSource, nats, logger, metrics, readiness }),
  };
}
