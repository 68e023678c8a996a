import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Vaults1795305600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE vaults (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        name text NOT NULL,
        description text,
        -- The nil UUID for the system.
        created_by uuid NOT NULL,
        created_by_type text NOT NULL CHECK (created_by_type IN ('user', 'system')),
        kek_id uuid NOT NULL,
        -- Destroyed with the vault: nothing in it opens from then on.
        wrapped_kek bytea,
        -- Counts changes of the vault's policies, so that compiled ones may be kept as long as they are right.
        policies_revision bigint NOT NULL DEFAULT 0,
        cmek_enabled boolean NOT NULL DEFAULT false,
        -- SHA-256 of the client's key, hex.
        cmek_fingerprint text,
        created_at timestamptz NOT NULL DEFAULT now(),
        -- The row stays until its secrets are swept away.
        deleted_at timestamptz,
        CONSTRAINT vaults_kek_lives_with_vault CHECK ((deleted_at IS NULL) = (wrapped_kek IS NOT NULL))
      )`);
    await runner.query(`
      CREATE INDEX vaults_org_idx ON vaults (org_id, (created_by_type = 'system'), id) WHERE deleted_at IS NULL`);
    await runner.query(`
      CREATE UNIQUE INDEX vaults_one_system_vault_key ON vaults (org_id)
      WHERE created_by_type = 'system' AND deleted_at IS NULL`);
    await runner.query('CREATE INDEX vaults_deleted_idx ON vaults (deleted_at) WHERE deleted_at IS NOT NULL');
    await grantToApp(runner, { vaults: 'SELECT, INSERT, UPDATE, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE vaults');
  }
}
