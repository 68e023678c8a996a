import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Deletion1795305600104 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // What hangs on them goes by their foreign keys.
    await grantToApp(runner, { orgs: 'SELECT, INSERT, UPDATE, DELETE', users: 'SELECT, INSERT, UPDATE, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await grantToApp(runner, { orgs: 'SELECT, INSERT', users: 'SELECT, INSERT, UPDATE' });
  }
}
