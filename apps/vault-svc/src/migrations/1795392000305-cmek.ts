import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Cmek1795392000305 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE vaults
        -- The key that new versions are taken to be under: the vault's, or the old one while a rotation has not tried them yet.
        ADD COLUMN cmek_write_fingerprint text,
        ADD CONSTRAINT vaults_cmek_has_a_key CHECK (cmek_enabled = (cmek_fingerprint IS NOT NULL)),
        ADD CONSTRAINT vaults_cmek_has_a_write_key CHECK (cmek_enabled = (cmek_write_fingerprint IS NOT NULL))`);
    await runner.query(`
      CREATE TABLE cmek_rotations (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        vault_id uuid NOT NULL REFERENCES vaults ON DELETE CASCADE,
        old_fingerprint text NOT NULL,
        new_fingerprint text NOT NULL CHECK (new_fingerprint <> old_fingerprint),
        status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'completed', 'failed')),
        total_versions bigint NOT NULL,
        processed bigint NOT NULL DEFAULT 0,
        error text,
        -- Who has the keys, in its memory; whoever comes after takes over by another id.
        runner uuid NOT NULL,
        -- When the runner was last heard of; null = it has stopped.
        heard_at timestamptz DEFAULT now(),
        -- How far the walk through the vault has come: the last version that it has seen.
        walked_path text COLLATE "C" NOT NULL DEFAULT '',
        walked_version integer NOT NULL DEFAULT 0,
        walked boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz NOT NULL DEFAULT now(),
        completed_at timestamptz,
        CHECK ((status = 'running') = (completed_at IS NULL)),
        CHECK ((status = 'failed') = (error IS NOT NULL))
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX cmek_rotations_one_running_key ON cmek_rotations (vault_id) WHERE status = 'running'`);
    await runner.query('CREATE INDEX cmek_rotations_vault_idx ON cmek_rotations (vault_id, created_at)');
    await runner.query(`
      CREATE INDEX secret_versions_cmek_idx ON secret_versions (cmek_fingerprint) WHERE cmek_fingerprint IS NOT NULL`);
    // Versions that a rotation's walk may have passed by: written meanwhile, or unreadable with both keys.
    await runner.query(`
      CREATE TABLE cmek_stragglers (
        vault_id uuid NOT NULL REFERENCES vaults ON DELETE CASCADE,
        secret_id uuid NOT NULL,
        version integer NOT NULL,
        unreadable boolean NOT NULL DEFAULT false,
        PRIMARY KEY (vault_id, secret_id, version)
      )`);
    await runner.query('CREATE INDEX cmek_stragglers_untried_idx ON cmek_stragglers (vault_id) WHERE NOT unreadable');
    await grantToApp(runner, {
      cmek_rotations: 'SELECT, INSERT, UPDATE',
      cmek_stragglers: 'SELECT, INSERT, UPDATE, DELETE',
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX secret_versions_cmek_idx');
    await runner.query('DROP TABLE cmek_stragglers, cmek_rotations');
    await runner.query(`
      ALTER TABLE vaults DROP CONSTRAINT vaults_cmek_has_a_key, DROP CONSTRAINT vaults_cmek_has_a_write_key,
        DROP COLUMN cmek_write_fingerprint`);
  }
}
