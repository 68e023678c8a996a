import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RestorableDeletions1795392000401 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The last deletion took the versions after this one, up to deleted_through. Undoing it brings those back, and not what
      -- earlier deletions took. Rows deleted before this column was there come back whole.
      ALTER TABLE secrets ADD COLUMN deleted_from integer NOT NULL DEFAULT 0,
        ADD CONSTRAINT secrets_deletion_is_a_range CHECK (deleted_from BETWEEN 0 AND deleted_through)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE secrets DROP COLUMN deleted_from');
  }
}
