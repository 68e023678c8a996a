import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  jetstreamManager,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
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

/** What is left out is left as it is. */
export interface StreamOptions {
  /** Copies that the NATS cluster keeps. A new stream has 1. */
  replicas?: number;
  /** A new stream has 1 GiB. What does not fit stays in Postgres until it does. */
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
 * Creates the family's stream, or gives it the options that are set here and differ. Messages leave it once every consumer
 * has acknowledged them; a full stream refuses new ones, and the producer keeps them. The age limit only sweeps up after
 * consumers that are gone. Interest retention forgets what comes before there is a consumer, and outboxes send it again; usage
 * comes from a producer that could not, so its stream keeps what its one consumer has not acknowledged.
 */
export async function ensureStream(
  connection: NatsConnection,
  family: Family,
  options: StreamOptions = {},
): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: BROKER_TIMEOUT_MS });
  const name = streamName(family);
  const set = {
    ...(options.replicas === undefined ? {} : { num_replicas: options.replicas }),
    ...(options.maxBytes === undefined ? {} : { max_bytes: options.maxBytes }),
  };
  const existing = await find(manager, name);
  if (existing) {
    if (differs(existing, set)) await manager.streams.update(name, { ...existing, ...set });
    return;
  }
  await manager.streams.add({
    name,
    subjects: [`${family}.v1.>`],
    storage: StorageType.File,
    retention: family === 'usage' ? RetentionPolicy.Workqueue : RetentionPolicy.Interest,
    discard: DiscardPolicy.New,
    max_age: 30 * DAY_NS,
    max_bytes: GIBIBYTE,
    num_replicas: 1,
    ...set,
  });
}

/** Undefined where the stream does not exist; any other failure is one. */
async function find(manager: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  }
}

function differs(actual: StreamConfig, wanted: Partial<StreamConfig>): boolean {
  return Object.entries(wanted).some(([key, value]) => actual[key as keyof StreamConfig] !== value);
}
