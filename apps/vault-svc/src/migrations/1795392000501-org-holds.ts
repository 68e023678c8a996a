import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OrgHolds1795392000501 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE org_holds (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL,
        -- Then the row only remembers, so that a hold which is late finds that it is over.
        released boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX org_holds_org_idx ON org_holds (org_id) WHERE NOT released');
    await grantToApp(runner, { org_holds: 'SELECT, INSERT, UPDATE, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE org_holds');
  }
}
