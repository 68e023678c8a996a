import type { QueryRunner } from 'typeorm';
import { FAMILIES } from '../families.js';

/**
 * The tables of an outbox, for a service's first migration. The service's role needs SELECT, INSERT, UPDATE, DELETE on them.
 *
 * `outbox` takes events in the transactions that make them: one narrow insert, one index. The relay moves them, in order
 * and numbered, into `outbox_batch`: one row is one NATS message, kept until every consumer has confirmed it. So numbering,
 * publishing and pruning touch one row per hundreds of events, and `outbox` stays nearly empty even while NATS is down.
 */
export async function outboxUp(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE outbox (
      id uuid PRIMARY KEY,
      family text NOT NULL,
      payload bytea NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)`);
  await runner.query(`
    CREATE TABLE outbox_batch (
      family text NOT NULL,
      first_seq bigint NOT NULL,
      last_seq bigint NOT NULL CHECK (last_seq >= first_seq),
      -- Of the first event; makes the broker's message id unique.
      first_id uuid NOT NULL,
      -- The encoded EventBatch.
      message bytea NOT NULL,
      oldest_at timestamptz NOT NULL,
      -- A relay is publishing it until then; afterwards any may.
      claimed_until timestamptz NOT NULL,
      published_at timestamptz,
      -- Its sequence in the broker's stream.
      stream_seq bigint,
      resends integer NOT NULL DEFAULT 0,
      PRIMARY KEY (family, first_seq)
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500)`);
  // Protobuf with random ids: compressing it costs more than it saves.
  await runner.query('ALTER TABLE outbox_batch ALTER COLUMN message SET STORAGE EXTERNAL');
  await runner.query(
    'CREATE INDEX outbox_batch_unpublished ON outbox_batch (claimed_until) WHERE published_at IS NULL',
  );
  await runner.query('CREATE TABLE outbox_counter (family text PRIMARY KEY, next_seq bigint NOT NULL DEFAULT 1)');
  await runner.query('INSERT INTO outbox_counter (family) SELECT unnest($1::text[])', [[...FAMILIES]]);
}

export async function outboxDown(runner: QueryRunner): Promise<void> {
  await runner.query('DROP TABLE outbox_counter, outbox_batch, outbox');
}

/** For `grantToApp`. */
export const OUTBOX_GRANTS = {
  outbox: 'SELECT, INSERT, UPDATE, DELETE',
  outbox_batch: 'SELECT, INSERT, UPDATE, DELETE',
  outbox_counter: 'SELECT, UPDATE',
} as const;
