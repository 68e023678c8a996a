import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Sessions1795219200003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sessions (
        -- The token's jti.
        id uuid PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN ('password', 'google', 'device', 'api_key', 'agent')),
        principal_type text NOT NULL CHECK (principal_type IN ('user', 'agent')),
        -- No foreign key: whoever resolves a session looks the principal up anyway, and a key would be checked at every login.
        principal_id uuid NOT NULL,
        org_id uuid NOT NULL,
        -- The principal's when the session began.
        credential_epoch integer NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz
      )`);
    await runner.query('CREATE INDEX sessions_expires_at ON sessions (expires_at)');
    await runner.query(`
      CREATE TABLE session_invalidations (
        -- "jti:<uuid>", "user:<uuid>", "agent:<uuid>" or "org:<uuid>".
        key text NOT NULL,
        -- Not now(), which is when the transaction began.
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await runner.query('CREATE INDEX session_invalidations_created_at ON session_invalidations (created_at)');
    await grantToApp(runner, {
      sessions: 'SELECT, INSERT, UPDATE, DELETE',
      session_invalidations: 'SELECT, INSERT, DELETE',
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE session_invalidations, sessions');
  }
}
