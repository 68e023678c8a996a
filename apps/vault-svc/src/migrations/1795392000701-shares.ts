import { THROTTLE_GRANTS, grantToApp, throttleDown, throttleUp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Shares1795392000701 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE shares (
        -- Random: of a share with a link, the id is what opens it.
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        secret_id uuid NOT NULL REFERENCES secrets ON DELETE CASCADE,
        -- Current when it was shared. Deleting the secret through it ends the share; what the path is used for later is not shared.
        secret_version integer NOT NULL,
        created_by_type text NOT NULL CHECK (created_by_type IN ('user', 'agent')),
        created_by uuid NOT NULL,
        recipient_type text NOT NULL
          CHECK (recipient_type IN ('creator', 'user', 'agent', 'external_email', 'anyone_with_link')),
        recipient_id uuid,
        -- As given, and as addresses are compared.
        recipient_email text,
        recipient_email_canonical text,
        max_access_count integer CHECK (max_access_count > 0),
        access_count integer NOT NULL DEFAULT 0,
        expires_at timestamptz NOT NULL,
        -- argon2id PHC string; null = none is asked for.
        passphrase_hash text,
        -- Empty = from everywhere.
        ip_allowlist text[] NOT NULL,
        -- The account that accepted: another one that comes to own the address has not.
        accepted_by uuid,
        declined_at timestamptz,
        revoked_at timestamptz,
        -- Mails about accesses since mails_since, so that an open link does not flood a mailbox.
        mails integer NOT NULL DEFAULT 0,
        mails_since timestamptz,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT shares_access_limit CHECK (access_count <= max_access_count),
        CONSTRAINT shares_addressed CHECK (
          (recipient_id IS NOT NULL) = (recipient_type IN ('creator', 'user', 'agent'))
          AND (recipient_email IS NOT NULL) = (recipient_type = 'external_email')
          AND (recipient_email_canonical IS NOT NULL) = (recipient_type = 'external_email'))
      ) WITH (fillfactor = 80)`);
    await runner.query('CREATE INDEX shares_sharer_idx ON shares (created_by, created_at, id)');
    await runner.query('CREATE INDEX shares_recipient_idx ON shares (recipient_id, created_at, id)');
    await runner.query(`
      CREATE INDEX shares_email_idx ON shares (recipient_email_canonical, created_at, id)
      WHERE recipient_email_canonical IS NOT NULL`);
    // For the cascade from secrets, and for the sweep of what is long over.
    await runner.query('CREATE INDEX shares_secret_idx ON shares (secret_id)');
    await runner.query('CREATE INDEX shares_expiry_idx ON shares (expires_at)');
    await runner.query(`
      CREATE TABLE share_creations (
        org_id uuid PRIMARY KEY,
        -- When the org's last shares were made, as far as they count.
        times timestamptz[] NOT NULL
      )`);
    await throttleUp(runner);
    await grantToApp(runner, {
      shares: 'SELECT, INSERT, UPDATE, DELETE',
      share_creations: 'SELECT, INSERT, UPDATE, DELETE',
      ...THROTTLE_GRANTS,
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await throttleDown(runner);
    await runner.query('DROP TABLE share_creations');
    await runner.query('DROP TABLE shares');
  }
}
