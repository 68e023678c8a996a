import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class EmailVerifications1795305600103 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE email_verifications (
        -- SHA-256 of the token in the mail; the token has 256 random bits, so no slow hash is needed.
        token_hash bytea PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX email_verifications_user_idx ON email_verifications (user_id)');
    await runner.query('CREATE INDEX email_verifications_expires_at_idx ON email_verifications (expires_at)');
    await grantToApp(runner, { email_verifications: 'SELECT, INSERT, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE email_verifications');
  }
}
