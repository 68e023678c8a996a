import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where chains ended at some time, signed in the HSM: only ever added, like events. */
export class Checkpoints1795219200003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE checkpoints (
        org_id uuid NOT NULL,
        position bigint NOT NULL CHECK (position > 0),
        -- To the millisecond. An end that stays can be vouched for again later.
        created_at timestamptz NOT NULL,
        event_id uuid NOT NULL,
        integrity_hash bytea NOT NULL CHECK (octet_length(integrity_hash) = 32),
        key_id text NOT NULL,
        signature bytea NOT NULL CHECK (octet_length(signature) = 64),
        PRIMARY KEY (org_id, position, created_at)
      )`);
    await grantToApp(runner, { checkpoints: 'SELECT, INSERT' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE checkpoints');
  }
}
