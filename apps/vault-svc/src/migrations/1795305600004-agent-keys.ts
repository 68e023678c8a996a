import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AgentKeys1795305600004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Public halves; the private ones are secrets in the org's system vault.
    await runner.query(`
      CREATE TABLE agent_keys (
        agent_id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        ed25519_public_key bytea NOT NULL CHECK (length(ed25519_public_key) = 32),
        p256_public_key bytea NOT NULL CHECK (length(p256_public_key) = 65),
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await grantToApp(runner, { agent_keys: 'SELECT, INSERT' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE agent_keys');
  }
}
