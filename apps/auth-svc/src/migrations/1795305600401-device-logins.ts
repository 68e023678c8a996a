import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DeviceLogins1795305600401 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE device_logins (
        -- SHA-256 of the device code, which has 256 random bits.
        device_code_hash bytea PRIMARY KEY,
        -- SHA-256 of the user code: short, but of use for ten minutes, and only to somebody who is logged in.
        user_code_hash bytea NOT NULL UNIQUE,
        client_id text NOT NULL,
        status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'denied')),
        interval_seconds integer NOT NULL,
        polled_at timestamptz,
        -- Of the last poll: it came before the interval was over.
        early boolean NOT NULL DEFAULT false,
        -- Who decided, in which org, and the credential_epoch of the session that they did it with.
        user_id uuid REFERENCES users ON DELETE CASCADE,
        org_id uuid,
        credential_epoch integer,
        expires_at timestamptz NOT NULL,
        redeemed_at timestamptz,
        CHECK (status = 'pending' OR (user_id IS NOT NULL AND org_id IS NOT NULL AND credential_epoch IS NOT NULL)),
        CHECK (redeemed_at IS NULL OR status = 'approved')
      )`);
    await runner.query('CREATE INDEX device_logins_user_idx ON device_logins (user_id)');
    await runner.query('CREATE INDEX device_logins_expires_at_idx ON device_logins (expires_at)');
    await grantToApp(runner, { device_logins: 'SELECT, INSERT, UPDATE, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE device_logins');
  }
}
