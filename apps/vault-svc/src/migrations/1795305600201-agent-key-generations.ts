import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AgentKeyGenerations1795305600201 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Which pairs these are: 1 for the first, one more with each rotation.
    await runner.query('ALTER TABLE agent_keys ADD COLUMN generation integer NOT NULL DEFAULT 1');
    await grantToApp(runner, { agent_keys: 'SELECT, INSERT, UPDATE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE agent_keys DROP COLUMN generation');
  }
}
