import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class KekRotations1795392000302 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE kek_rotations (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        vault_id uuid NOT NULL REFERENCES vaults ON DELETE CASCADE,
        status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'completed', 'failed')),
        total_versions bigint NOT NULL,
        rewrapped bigint NOT NULL DEFAULT 0,
        -- Met on this walk through the vault.
        damaged bigint NOT NULL DEFAULT 0,
        -- How far the walk has come: the last version that it has seen.
        walked_path text COLLATE "C" NOT NULL DEFAULT '',
        walked_version integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        -- The one that has waited longest is next.
        advanced_at timestamptz NOT NULL DEFAULT now(),
        completed_at timestamptz,
        CHECK ((status = 'running') = (completed_at IS NULL))
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX kek_rotations_one_running_key ON kek_rotations (vault_id) WHERE status = 'running'`);
    await runner.query('CREATE INDEX kek_rotations_vault_idx ON kek_rotations (vault_id, created_at)');
    await grantToApp(runner, { kek_rotations: 'SELECT, INSERT, UPDATE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE kek_rotations');
  }
}
