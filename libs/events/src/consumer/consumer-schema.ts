import type { QueryRunner } from 'typeorm';

/** The tables of a DurableConsumer, for the migration of a service that has one or more. */
export async function consumerUp(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE consumed_producer (
      family text NOT NULL,
      producer text NOT NULL,
      -- The numbers whose events are committed here. One range, while nothing is missing.
      seen int8multirange NOT NULL DEFAULT '{}',
      PRIMARY KEY (family, producer)
    )`);
  await runner.query(`
    CREATE TABLE dead_letter (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      family text NOT NULL,
      subject text NOT NULL,
      -- Null where the whole message was unreadable.
      seq bigint,
      payload bytea NOT NULL,
      reason text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`);
}

export async function consumerDown(runner: QueryRunner): Promise<void> {
  await runner.query('DROP TABLE dead_letter, consumed_producer');
}

/** For `grantToApp`. */
export const CONSUMER_GRANTS = {
  consumed_producer: 'SELECT, INSERT, UPDATE',
  dead_letter: 'SELECT, INSERT',
} as const;
