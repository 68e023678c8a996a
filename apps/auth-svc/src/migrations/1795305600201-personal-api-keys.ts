import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PersonalApiKeys1795305600201 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE personal_api_keys (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL REFERENCES orgs ON DELETE CASCADE,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        name text NOT NULL,
        -- Path patterns, and "area:read|write|*".
        scopes text[] NOT NULL DEFAULT '{}',
        -- HMAC of the key under the HSM's MAC key; the key itself is nowhere.
        key_mac bytea NOT NULL CONSTRAINT personal_api_keys_mac_key UNIQUE,
        key_prefix text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        last_used_at timestamptz
      ) WITH (fillfactor = 80) -- last_used_at changes often: leave room to update within the page`);
    await runner.query(
      'CREATE INDEX personal_api_keys_user_idx ON personal_api_keys (user_id, org_id, created_at, id)',
    );
    // The key that a session began with; no foreign key, as with principals.
    await runner.query('ALTER TABLE sessions ADD COLUMN api_key_id uuid');
    await grantToApp(runner, { personal_api_keys: 'SELECT, INSERT, UPDATE, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE sessions DROP COLUMN api_key_id');
    await runner.query('DROP TABLE personal_api_keys');
  }
}
