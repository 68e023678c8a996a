import { grantToApp } from '@oneclaw/database';
import { CONSUMER_GRANTS, consumerDown, consumerUp } from '@oneclaw/events';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Consumer1795305600006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await consumerUp(runner);
    await grantToApp(runner, CONSUMER_GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await consumerDown(runner);
  }
}
