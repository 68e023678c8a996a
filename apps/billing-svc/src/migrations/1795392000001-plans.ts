import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Plans of orgs that have anything but the default. */
export class Plans1795392000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE org_plans (
        org_id uuid PRIMARY KEY,
        -- Null: the default tier.
        tier text CHECK (tier IN ('free', 'pro', 'business', 'enterprise')),
        tier_until timestamptz,
        requests_override bigint CHECK (requests_override >= 0),
        is_sponsored boolean NOT NULL DEFAULT false
      )`);
    await grantToApp(runner, { org_plans: 'SELECT, INSERT, UPDATE, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE org_plans');
  }
}
