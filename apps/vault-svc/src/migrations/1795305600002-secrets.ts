import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Secrets1795305600002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Bytewise collation: the unique index also serves prefix ranges, and its order is the contract's.
    await runner.query(`
      CREATE TABLE secrets (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        vault_id uuid NOT NULL REFERENCES vaults,
        path text COLLATE "C" NOT NULL,
        current_version integer NOT NULL CHECK (current_version > 0),
        -- Versions up to this one are deleted; a later PUT revives the path but not them.
        deleted_through integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        deleted_at timestamptz,
        CONSTRAINT secrets_vault_path_key UNIQUE (vault_id, path),
        CONSTRAINT secrets_deleted_versions_exist CHECK (deleted_through BETWEEN 0 AND current_version),
        CONSTRAINT secrets_deleted_or_live CHECK ((deleted_at IS NOT NULL) = (deleted_through = current_version))
      ) WITH (fillfactor = 90)`);
    await runner.query(`
      CREATE TABLE secret_versions (
        secret_id uuid NOT NULL REFERENCES secrets ON DELETE CASCADE,
        version integer NOT NULL CHECK (version > 0),
        type text NOT NULL,
        -- The KEK that wraps the DEK.
        kek_id uuid NOT NULL,
        wrapped_dek bytea NOT NULL,
        sealed_value bytea NOT NULL,
        -- json, not jsonb: kept as it came, and no string in it can make the insert fail.
        metadata json NOT NULL,
        rotation_policy json,
        -- Of the client's key that encrypted the value; null = none.
        cmek_fingerprint text,
        -- "user:<uuid>" or "agent:<uuid>".
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        max_access_count integer CHECK (max_access_count > 0),
        -- Counted only where there is a maximum.
        access_count integer NOT NULL DEFAULT 0,
        CONSTRAINT secret_versions_access_limit CHECK (access_count <= max_access_count),
        PRIMARY KEY (secret_id, version)
      )`);
    // Ciphertext does not compress; out of line, a count does not rewrite it.
    await runner.query('ALTER TABLE secret_versions ALTER COLUMN sealed_value SET STORAGE EXTERNAL');
    await grantToApp(runner, {
      secrets: 'SELECT, INSERT, UPDATE, DELETE',
      secret_versions: 'SELECT, INSERT, UPDATE, DELETE',
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE secret_versions, secrets');
  }
}
