import { grantToApp } from '@oneclaw/database';
import { OUTBOX_GRANTS, outboxDown, outboxUp } from '@oneclaw/events';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Outbox1795305600005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await outboxUp(runner);
    await grantToApp(runner, OUTBOX_GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await outboxDown(runner);
  }
}
