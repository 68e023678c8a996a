import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DeletedOrgs1795305600106 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // What was under way when an org was deleted must not make a vault for it afterwards.
    await runner.query(`
      CREATE TABLE deleted_orgs (
        org_id uuid PRIMARY KEY,
        deleted_at timestamptz NOT NULL DEFAULT now()
      )`);
    await grantToApp(runner, { deleted_orgs: 'SELECT, INSERT' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE deleted_orgs');
  }
}
