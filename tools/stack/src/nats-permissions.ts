import type { EventsRole, ServiceName } from './services.js';

export interface NatsPermissions {
  publish: readonly string[];
  subscribe: readonly string[];
}

const FAMILIES = ['audit', 'identity', 'mail', 'usage'] as const;
const INVALIDATIONS = 'invalidate.v1.>';

export type Family = (typeof FAMILIES)[number];

/**
 * What a service may say and hear, subject by subject; the subjects are those of libs/events. A producer cannot speak
 * in another's name, nor a consumer take another's messages; whoever holds no role here has no NATS user at all.
 */
export function natsPermissions(service: ServiceName, role: EventsRole): NatsPermissions {
  const consumes = role.consumes ?? [];
  const publishes = role.publishes ?? [];
  const streams = role.produces ? FAMILIES : [...consumes, ...publishes];
  return {
    publish: [
      ...streams.flatMap(manageStream),
      ...(role.produces ? FAMILIES : publishes).map((family) => `${family}.v1.${service}`),
      ...(role.produces ? [`ask.v1.${service}.*`] : []),
      ...consumes.flatMap((family) => consume(service, family)),
      ...(role.invalidates ? [INVALIDATIONS] : []),
    ],
    subscribe: [
      ...(streams.length > 0 ? [`_INBOX.${service}.>`] : []),
      ...(role.produces ? [`confirm.v1.${service}.>`] : []),
      ...consumes.map((family) => `ask.v1.*.${family}`),
      ...(role.hearsInvalidations ? [INVALIDATIONS] : []),
    ],
  };
}

/** Whoever comes first makes the stream. */
function manageStream(family: Family): string[] {
  return ['INFO', 'CREATE', 'UPDATE'].map((verb) => `$JS.API.STREAM.${verb}.${family}_v1`);
}

function consume(service: ServiceName, family: Family): string[] {
  const consumer = `${family}_v1.${service}`;
  return [
    `$JS.API.CONSUMER.INFO.${consumer}`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${consumer}`,
    `$JS.API.CONSUMER.CREATE.${consumer}`,
    `$JS.API.CONSUMER.CREATE.${consumer}.>`,
    // One that has gone mute is made anew.
    `$JS.API.CONSUMER.DELETE.${consumer}`,
    `$JS.API.CONSUMER.MSG.NEXT.${consumer}`,
    `$JS.ACK.${consumer}.>`,
    // The longer form of newer servers, with a domain and an account before the stream.
    `$JS.ACK.*.*.${consumer}.>`,
    `confirm.v1.*.${family}.${service}`,
  ];
}
