import { appRoleOf, grantToApp } from '@oneclaw/database';
import { CONSUMER_GRANTS, OUTBOX_GRANTS, consumerDown, consumerUp, outboxDown, outboxUp } from '@oneclaw/events';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Usage as it comes over usage.v1: single events, in a partition per month so that old ones go by dropping a table, and sums per org
 * and period. Leases of those sums. What gateways reported by RPC before is not kept.
 */
export class Quota1795392000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE usage_months, usage_events, usage_reports');
    await runner.query(`
      CREATE TABLE usage_events (
        -- That of the message: what makes a second delivery harmless.
        id uuid NOT NULL,
        org_id uuid NOT NULL,
        principal_type text NOT NULL,
        principal_id uuid NOT NULL,
        method text NOT NULL,
        -- The route's template: a concrete path could name a secret.
        endpoint text NOT NULL,
        status_code integer NOT NULL,
        -- What it cost the org, in micro-dollars.
        price_micros bigint NOT NULL DEFAULT 0,
        is_paid boolean NOT NULL DEFAULT false,
        occurred_at timestamptz NOT NULL,
        PRIMARY KEY (id, occurred_at)
      ) PARTITION BY RANGE (occurred_at)`);
    await runner.query('CREATE INDEX usage_events_by_org ON usage_events (org_id, occurred_at DESC, id DESC)');
    await this.addPartitionKeeper(runner);
    await runner.query(`
      CREATE TABLE usage_periods (
        org_id uuid NOT NULL,
        period_start timestamptz NOT NULL,
        requests bigint NOT NULL DEFAULT 0,
        paid_requests bigint NOT NULL DEFAULT 0,
        cost_micros bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (org_id, period_start)
      ) WITH (fillfactor = 50)`);
    // Whoever changes what leases of a period hold has the period's row locked.
    await runner.query(`
      CREATE TABLE quota_leases (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        period_start timestamptz NOT NULL,
        -- The number of the last claim that acted.
        claim bigint NOT NULL,
        -- What its gateway may have admitted, at most, and what of it is counted.
        granted bigint NOT NULL,
        used bigint NOT NULL DEFAULT 0,
        -- Of what was granted, what had not been admitted at the last claim.
        unspent bigint NOT NULL,
        renewed_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
      ) WITH (fillfactor = 50)`);
    await runner.query('CREATE INDEX quota_leases_by_period ON quota_leases (org_id, period_start)');
    await runner.query(`
      ALTER TABLE org_plans ADD COLUMN overage_method text NOT NULL DEFAULT 'credits'
        CHECK (overage_method IN ('credits', 'x402'))`);
    await consumerUp(runner);
    await outboxUp(runner);
    await grantToApp(runner, {
      usage_events: 'SELECT, INSERT, DELETE',
      usage_periods: 'SELECT, INSERT, UPDATE, DELETE',
      quota_leases: 'SELECT, INSERT, UPDATE, DELETE',
      ...CONSUMER_GRANTS,
      ...OUTBOX_GRANTS,
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await outboxDown(runner);
    await consumerDown(runner);
    await runner.query('ALTER TABLE org_plans DROP COLUMN overage_method');
    await runner.query('DROP TABLE quota_leases, usage_periods, usage_events');
    await runner.query('DROP FUNCTION keep_usage_partitions');
    await runner.query(
      'CREATE TABLE usage_reports (id uuid PRIMARY KEY, received_at timestamptz NOT NULL DEFAULT now())',
    );
    await runner.query(`
      CREATE TABLE usage_events (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        principal_type text NOT NULL,
        principal_id uuid NOT NULL,
        method text NOT NULL,
        endpoint text NOT NULL,
        status_code integer NOT NULL,
        occurred_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX usage_events_by_org ON usage_events (org_id, occurred_at DESC, id DESC)');
    await runner.query(`
      CREATE TABLE usage_months (org_id uuid NOT NULL, month date NOT NULL, requests bigint NOT NULL, PRIMARY KEY (org_id, month))
      WITH (fillfactor = 50)`);
    await grantToApp(runner, {
      usage_reports: 'SELECT, INSERT, DELETE',
      usage_events: 'SELECT, INSERT, DELETE',
      usage_months: 'SELECT, INSERT, UPDATE',
    });
  }

  /**
   * The service's role owns no table, so the one thing that it needs an owner for is a function with no choice in it: months around
   * `at` get their partitions, those that ended before the last `months` full ones lose theirs.
   */
  private async addPartitionKeeper(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION keep_usage_partitions(at timestamptz, months integer) RETURNS void
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
      DECLARE
        this_month date := date_trunc('month', at);
        month date;
        old record;
      BEGIN
        IF months < 3 THEN RAISE EXCEPTION 'usage is kept for three months at least'; END IF;
        PERFORM pg_advisory_xact_lock(hashtext('keep_usage_partitions'));
        FOR n IN -3..3 LOOP
          month := this_month + n * interval '1 month';
          IF to_regclass(format('usage_events_%s', to_char(month, 'YYYYMM'))) IS NULL THEN
            EXECUTE format('CREATE TABLE usage_events_%s PARTITION OF usage_events FOR VALUES FROM (%L) TO (%L)',
              to_char(month, 'YYYYMM'), month::timestamptz, (month + interval '1 month')::timestamptz);
          END IF;
        END LOOP;
        FOR old IN
          SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
          WHERE i.inhparent = 'usage_events'::regclass
            AND c.relname < format('usage_events_%s', to_char(this_month - months * interval '1 month', 'YYYYMM'))
        LOOP
          EXECUTE format('DROP TABLE %I', old.relname);
        END LOOP;
      END $$`);
    await runner.query('REVOKE ALL ON FUNCTION keep_usage_partitions FROM PUBLIC');
    await runner.query(`GRANT EXECUTE ON FUNCTION keep_usage_partitions TO "${await appRoleOf(runner)}"`);
    await runner.query('SELECT keep_usage_partitions(now(), 13)');
  }
}
