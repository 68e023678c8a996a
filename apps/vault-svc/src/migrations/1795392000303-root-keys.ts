import { ROOT_KEY_GRANTS, grantToApp, rootKeysDown, rootKeysUp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RootKeys1795392000303 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await rootKeysUp(runner, 'vault_keks');
    await grantToApp(runner, ROOT_KEY_GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await rootKeysDown(runner, 'vault_keks');
  }
}
