import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Requests as gateways report them, and their sums per org and calendar month (UTC). */
export class Usage1795219200001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE usage_reports (
        id uuid PRIMARY KEY,
        received_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE usage_events (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        principal_type text NOT NULL,
        principal_id uuid NOT NULL,
        method text NOT NULL,
        -- The route's template: a concrete path could name a secret.
        endpoint text NOT NULL,
        status_code integer NOT NULL,
        occurred_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX usage_events_by_org ON usage_events (org_id, occurred_at DESC, id DESC)');
    await runner.query(`
      CREATE TABLE usage_months (
        org_id uuid NOT NULL,
        -- The first day.
        month date NOT NULL,
        requests bigint NOT NULL,
        PRIMARY KEY (org_id, month)
      ) WITH (fillfactor = 50)`);
    await grantToApp(runner, {
      usage_reports: 'SELECT, INSERT, DELETE',
      usage_events: 'SELECT, INSERT, DELETE',
      usage_months: 'SELECT, INSERT, UPDATE',
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE usage_months, usage_events, usage_reports');
  }
}
