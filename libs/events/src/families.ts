import { DiscardPolicy, RetentionPolicy, StorageType, jetstreamManager, type StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

export type Family = 'audit' | 'usage' | 'mail' | 'identity';

export const FAMILIES: readonly Family[] = ['audit', 'identity', 'mail', 'usage'];

/** Who must have committed an event before its producer forgets it. */
export const CONSUMERS: Readonly<Record<Family, readonly string[]>> = {
  audit: ['audit-svc'],
  usage: ['billing-svc'],
  mail: ['auth-svc'],
  identity: ['vault-svc', 'billing-svc'],
};

export interface StreamOptions {
  /** Copies that the NATS cluster keeps. Default 1. */
  replicas?: number;
  /** Default 1 GiB. What does not fit stays in Postgres until it does. */
  maxBytes?: number;
}

export const streamName = (family: Family): string => `${family}_v1`;
export const eventSubject = (family: Family, producer: string): string => `${family}.v1.${producer}`;
export const confirmSubject = (producer: string, family: Family, consumer: string): string =>
  `confirm.v1.${producer}.${family}.${consumer}`;
export const askSubject = (producer: string, family: Family): string => `ask.v1.${producer}.${family}`;

/** No wait for the broker is longer. */
export const BROKER_TIMEOUT_MS = 5000;

const DAY_NS = 24 * 3600 * 1e9;
const GIBIBYTE = 2 ** 30;

/**
 * Creates the family's stream, or brings it to this configuration. Messages leave it once every consumer has acknowledged
 * them; a full stream refuses new ones, and the outbox keeps them. The age limit only sweeps up after consumers that are gone.
 */
export async function ensureStream(
  connection: NatsConnection,
  family: Family,
  options: StreamOptions = {},
): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: BROKER_TIMEOUT_MS });
  const config = {
    name: streamName(family),
    subjects: [`${family}.v1.>`],
    storage: StorageType.File,
    retention: RetentionPolicy.Interest,
    discard: DiscardPolicy.New,
    max_age: 30 * DAY_NS,
    max_bytes: options.maxBytes ?? GIBIBYTE,
    num_replicas: options.replicas ?? 1,
  } satisfies Partial<StreamConfig>;
  const existing = await manager.streams.info(config.name).catch(() => undefined);
  if (!existing) await manager.streams.add(config);
  else if (differs(existing.config, config)) await manager.streams.update(config.name, config);
}

function differs(actual: StreamConfig, wanted: Partial<StreamConfig>): boolean {
  return Object.entries(wanted).some(
    ([key, value]) => JSON.stringify(actual[key as keyof StreamConfig]) !== JSON.stringify(value),
  );
}
