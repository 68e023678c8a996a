import { THROTTLE_GRANTS, grantToApp, throttleDown, throttleUp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Throttles1795305600102 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await throttleUp(runner);
    await grantToApp(runner, THROTTLE_GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await throttleDown(runner);
  }
}
