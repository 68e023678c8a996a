import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many live paths an org may have depends on its plan: they are counted whenever one is added. */
export class LiveSecrets1795392000801 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX secrets_live_by_org_idx ON secrets (org_id) WHERE deleted_at IS NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX secrets_live_by_org_idx');
  }
}
