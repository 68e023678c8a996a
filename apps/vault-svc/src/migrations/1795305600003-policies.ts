import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Policies1795305600003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE policies (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        vault_id uuid NOT NULL REFERENCES vaults,
        secret_path_pattern text NOT NULL,
        principal_type text NOT NULL CHECK (principal_type IN ('user', 'agent')),
        principal_id uuid NOT NULL,
        permissions text[] NOT NULL CHECK (permissions <@ '{read,write,delete}' AND permissions <> '{}'),
        conditions json NOT NULL,
        expires_at timestamptz,
        created_by uuid NOT NULL,
        created_by_type text NOT NULL CHECK (created_by_type IN ('user', 'system')),
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX policies_vault_idx ON policies (vault_id, id)');
    await runner.query('CREATE INDEX policies_principal_idx ON policies (principal_id, vault_id)');
    await grantToApp(runner, { policies: 'SELECT, INSERT, UPDATE, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE policies');
  }
}
