import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class X402Settings1795392000605 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE x402_settings (
        -- There is one row.
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        pay_to text,
        network text,
        scheme text NOT NULL DEFAULT 'exact' CHECK (scheme = 'exact'),
        -- Requests a month of the free tier; null: those of its definition.
        free_tier_limit bigint CHECK (free_tier_limit >= 0),
        facilitator_url text,
        asset text
      )`);
    await runner.query('INSERT INTO x402_settings DEFAULT VALUES');
    await grantToApp(runner, { x402_settings: 'SELECT, UPDATE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE x402_settings');
  }
}
