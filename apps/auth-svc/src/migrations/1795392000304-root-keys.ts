import { ROOT_KEY_GRANTS, grantToApp, rootKeysDown, rootKeysUp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RootKeys1795392000304 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await rootKeysUp(runner, 'sealing_keks');
    await grantToApp(runner, { ...ROOT_KEY_GRANTS, sealing_keks: 'SELECT, INSERT, UPDATE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await rootKeysDown(runner, 'sealing_keks');
    await grantToApp(runner, { sealing_keks: 'SELECT, INSERT' });
  }
}
