import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** KEKs get rows of their own, because a vault can have several: the current one, and those that a rotation has not emptied yet. */
export class VaultKeks1795392000301 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE vault_keks (
        id uuid PRIMARY KEY,
        vault_id uuid NOT NULL REFERENCES vaults ON DELETE CASCADE,
        -- By the HSM's root key. Destroyed with the vault: nothing under it opens from then on.
        wrapped bytea,
        -- The one that new versions are sealed under; the others still open what they sealed.
        is_current boolean NOT NULL DEFAULT true,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      INSERT INTO vault_keks (id, vault_id, wrapped, created_at) SELECT kek_id, id, wrapped_kek, created_at FROM vaults`);
    await runner.query('CREATE UNIQUE INDEX vault_keks_one_current_key ON vault_keks (vault_id) WHERE is_current');
    await runner.query('CREATE INDEX vault_keks_vault_idx ON vault_keks (vault_id)');
    await grantToApp(runner, { vault_keks: 'SELECT, INSERT, UPDATE, DELETE' });
    // A KEK cannot go while a version needs it, nor a version come under one that is gone. Deleting one looks the versions up.
    await runner.query('CREATE INDEX secret_versions_kek_idx ON secret_versions (kek_id)');
    await runner.query(`
      ALTER TABLE secret_versions ADD CONSTRAINT secret_versions_kek_fkey FOREIGN KEY (kek_id) REFERENCES vault_keks`);
    await runner.query(`
      ALTER TABLE vaults DROP CONSTRAINT vaults_kek_lives_with_vault, DROP COLUMN kek_id, DROP COLUMN wrapped_kek`);
  }

  /** Only while no vault has more than one KEK: finish rotations first. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE vaults ADD COLUMN kek_id uuid, ADD COLUMN wrapped_kek bytea');
    await runner.query(`
      UPDATE vaults SET kek_id = k.id, wrapped_kek = k.wrapped FROM vault_keks k WHERE k.vault_id = vaults.id AND k.is_current`);
    await runner.query('ALTER TABLE secret_versions DROP CONSTRAINT secret_versions_kek_fkey');
    await runner.query('DROP INDEX secret_versions_kek_idx');
    await runner.query('DELETE FROM vault_keks WHERE is_current');
    await runner.query(`
      DO $$ BEGIN IF EXISTS (SELECT FROM vault_keks) THEN RAISE 'a vault has several KEKs'; END IF; END $$`);
    await runner.query('DROP TABLE vault_keks');
    await runner.query(`
      ALTER TABLE vaults ALTER COLUMN kek_id SET NOT NULL,
        ADD CONSTRAINT vaults_kek_lives_with_vault CHECK ((deleted_at IS NULL) = (wrapped_kek IS NOT NULL))`);
  }
}
