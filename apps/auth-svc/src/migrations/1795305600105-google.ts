import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Google1795305600105 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The subject of Google's ID tokens: an address may change hands, a subject does not.
    await runner.query('ALTER TABLE users ADD COLUMN google_sub text CONSTRAINT users_google_sub_key UNIQUE');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users DROP COLUMN google_sub');
  }
}
