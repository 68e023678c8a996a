import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Platform1795392000603 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE platform_settings (
        key text PRIMARY KEY CHECK (key ~ '^[a-z0-9_.]{1,128}$'),
        value text NOT NULL,
        -- Kept when that human is gone.
        updated_by uuid NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await grantToApp(runner, { platform_settings: 'SELECT, INSERT, UPDATE, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE platform_settings');
  }
}
