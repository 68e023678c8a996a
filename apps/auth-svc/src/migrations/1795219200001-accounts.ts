import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Accounts1795219200001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE orgs (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE users (
        id uuid PRIMARY KEY,
        -- As given.
        email text NOT NULL,
        -- Trimmed, case-folded, NFKC: one account per mailbox.
        email_canonical text NOT NULL CONSTRAINT users_email_canonical_key UNIQUE,
        -- argon2id PHC string; null for accounts without a password.
        password_hash text,
        display_name text,
        email_verified boolean NOT NULL DEFAULT false,
        marketing_emails boolean NOT NULL DEFAULT false,
        auth_method text NOT NULL CHECK (auth_method IN ('password', 'google')),
        -- Sessions begun under another epoch are void.
        credential_epoch integer NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE memberships (
        org_id uuid NOT NULL REFERENCES orgs ON DELETE CASCADE,
        -- Unique: a user is in one org at a time.
        user_id uuid NOT NULL CONSTRAINT memberships_user_key UNIQUE REFERENCES users ON DELETE CASCADE,
        role text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (org_id, user_id)
      )`);
    await grantToApp(runner, {
      orgs: 'SELECT, INSERT',
      users: 'SELECT, INSERT, UPDATE',
      memberships: 'SELECT, INSERT',
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE memberships, users, orgs');
  }
}
