import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Enrollments1795305600301 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE agents
        -- Which of its identity keys these are: vault-svc counts them from 1.
        ADD COLUMN keys_generation integer NOT NULL DEFAULT 1,
        -- Of an enrolled agent until its first token: when it expires unless it is used.
        ADD COLUMN unused_until timestamptz`);
    await runner.query(`
      CREATE TABLE enrollments (
        -- SHA-256 of the canonical address that was named, known or not.
        address_hash bytea PRIMARY KEY,
        requested_at timestamptz NOT NULL,
        -- Who is to get an agent; null for an address that nobody has proven, and once the agent is made.
        user_id uuid,
        agent_id uuid,
        name text,
        description text,
        ip_address text,
        request_id text,
        -- Lent to a replica until then.
        next_attempt_at timestamptz
      ) WITH (fillfactor = 70)`);
    await runner.query('CREATE INDEX enrollments_due ON enrollments (next_attempt_at) WHERE user_id IS NOT NULL');
    await grantToApp(runner, { enrollments: 'SELECT, INSERT, UPDATE, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE enrollments');
    await runner.query('ALTER TABLE agents DROP COLUMN keys_generation, DROP COLUMN unused_until');
  }
}
