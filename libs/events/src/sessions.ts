// What a gateway needs, which has no database: importing it loads no database driver.
export { NatsLink, type NatsOptions } from './nats-link.js';
export { SessionInvalidationPublisher } from './invalidations/session-invalidation-publisher.js';
export {
  SessionInvalidationSubscriber,
  type SessionInvalidationListener,
} from './invalidations/session-invalidation-subscriber.js';
