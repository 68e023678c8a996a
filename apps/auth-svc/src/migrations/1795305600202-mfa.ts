import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Mfa1795305600202 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE totp_factors (
        user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
        -- Another one each time that the setup is begun.
        setup_id uuid NOT NULL,
        -- The secret, sealed by crypto-svc and bound to the user.
        kek_id uuid NOT NULL REFERENCES sealing_keks,
        wrapped_dek bytea NOT NULL,
        sealed_secret bytea NOT NULL,
        -- Null while the setup is not finished.
        enabled_at timestamptz,
        -- The newest 30-second step that a code was accepted of: it and all before are used up.
        last_step bigint NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE mfa_recovery_codes (
        user_id uuid NOT NULL REFERENCES totp_factors ON DELETE CASCADE,
        -- The first characters of the code, which are not secret.
        selector text NOT NULL,
        -- argon2id PHC string of the whole code.
        code_hash text NOT NULL,
        used_at timestamptz,
        PRIMARY KEY (user_id, selector)
      )`);
    await runner.query(`
      CREATE TABLE mfa_challenges (
        -- The jti of its token.
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        org_id uuid NOT NULL,
        -- The user's when it was made.
        credential_epoch integer NOT NULL,
        kind text NOT NULL CHECK (kind IN ('password', 'google')),
        tries integer NOT NULL DEFAULT 0,
        expires_at timestamptz NOT NULL,
        -- When it made a session.
        settled_at timestamptz
      )`);
    await runner.query('CREATE INDEX mfa_challenges_expires_at ON mfa_challenges (expires_at)');
    await runner.query('CREATE INDEX mfa_challenges_user_idx ON mfa_challenges (user_id)');
    await grantToApp(runner, {
      totp_factors: 'SELECT, INSERT, UPDATE, DELETE',
      mfa_recovery_codes: 'SELECT, INSERT, UPDATE, DELETE',
      mfa_challenges: 'SELECT, INSERT, UPDATE, DELETE',
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE mfa_challenges, mfa_recovery_codes, totp_factors');
  }
}
