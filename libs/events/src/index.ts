export { NatsLink, type NatsOptions } from './nats-link.js';
export { natsLinkProvider, outboxRelayProvider } from './nats-providers.js';
export { CONSUMERS, FAMILIES, type Family, type StreamOptions } from './families.js';
export { AUDIT_ACTIONS, type AuditAction } from './audit-actions.js';
export {
  NIL_UUID,
  auditEvent,
  identityEvent,
  mailEvent,
  type AuditFields,
  type IdentityFields,
  type MailFields,
} from './event-builders.js';
export { decodeIdentityEvent } from './identity-events.js';
export { appendEvents, type OutboxEvent } from './outbox/append-events.js';
export { OUTBOX_GRANTS, outboxDown, outboxUp } from './outbox/outbox-schema.js';
export { OutboxRelay, type RelayOptions } from './outbox/outbox-relay.js';
export { CONSUMER_GRANTS, consumerDown, consumerUp } from './consumer/consumer-schema.js';
export { DurableConsumer, type DurableConsumerOptions } from './consumer/durable-consumer.js';
export type { Decoder, Received } from './consumer/inbound.js';
export { SessionInvalidationPublisher } from './invalidations/session-invalidation-publisher.js';
export {
  SessionInvalidationSubscriber,
  type SessionInvalidationListener,
} from './invalidations/session-invalidation-subscriber.js';
export { Ticker, type TickerOptions } from './outbox/ticker.js';
