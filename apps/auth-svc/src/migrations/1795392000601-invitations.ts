import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Invitations1795392000601 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE org_invitations (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL REFERENCES orgs ON DELETE CASCADE,
        -- As given, and the form by which addresses are compared.
        email text NOT NULL,
        email_canonical text NOT NULL,
        role text NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
        -- SHA-256 of the token in the mail.
        token_hash bytea NOT NULL CONSTRAINT org_invitations_token_key UNIQUE,
        invited_by uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL,
        -- Another one takes the place of the one before.
        CONSTRAINT org_invitations_address_key UNIQUE (org_id, email_canonical)
      )`);
    await runner.query('CREATE INDEX org_invitations_address_idx ON org_invitations (email_canonical)');
    await runner.query('CREATE INDEX org_invitations_invited_by_idx ON org_invitations (invited_by)');
    await runner.query('CREATE INDEX org_invitations_expires_at_idx ON org_invitations (expires_at)');
    await runner.query(`
      CREATE TABLE org_moves (
        -- Of the hold that vault-svc has on the org.
        id uuid PRIMARY KEY,
        -- The one that is to be left.
        org_id uuid NOT NULL,
        -- The move will not happen any more; the hold is to be released.
        given_up boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await runner.query('CREATE INDEX org_moves_created_at_idx ON org_moves (created_at)');
    await grantToApp(runner, {
      memberships: 'SELECT, INSERT, UPDATE, DELETE',
      org_invitations: 'SELECT, INSERT, UPDATE, DELETE',
      org_moves: 'SELECT, INSERT, UPDATE, DELETE',
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await grantToApp(runner, { memberships: 'SELECT, INSERT' });
    await runner.query('DROP TABLE org_moves, org_invitations');
  }
}
