import { grantToApp } from '@oneclaw/database';
import { CONSUMER_GRANTS, consumerDown, consumerUp } from '@oneclaw/events';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Mail1795305600101 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sealing_keks (
        id uuid PRIMARY KEY,
        -- Under the HSM's root key.
        wrapped bytea NOT NULL,
        -- The one that new values are sealed under; the others still open what they sealed.
        is_current boolean NOT NULL DEFAULT true,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(
      'CREATE UNIQUE INDEX sealing_keks_one_current_key ON sealing_keks (is_current) WHERE is_current',
    );
    await runner.query(`
      CREATE TABLE mails (
        -- The event's id: a second delivery changes nothing, as long as the row is here.
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        -- The encoded message; gone once it is sent.
        payload bytea,
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        last_error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'undeliverable', 'dead')),
        settled_at timestamptz,
        CHECK ((state = 'waiting') = (settled_at IS NULL)),
        CHECK ((state IN ('waiting', 'dead')) = (payload IS NOT NULL))
      )`);
    await runner.query(`CREATE INDEX mails_waiting_idx ON mails (next_attempt_at) WHERE state = 'waiting'`);
    await runner.query(`CREATE INDEX mails_settled_idx ON mails (settled_at) WHERE settled_at IS NOT NULL`);
    await consumerUp(runner);
    await grantToApp(runner, {
      sealing_keks: 'SELECT, INSERT',
      mails: 'SELECT, INSERT, UPDATE, DELETE',
      ...CONSUMER_GRANTS,
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await consumerDown(runner);
    await runner.query('DROP TABLE mails, sealing_keks');
  }
}
