import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class IpRules1795392000602 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ip_rules (
        id uuid PRIMARY KEY,
        org_id uuid NOT NULL REFERENCES orgs ON DELETE CASCADE,
        -- As its author called it; deny means block.
        rule_type text NOT NULL CHECK (rule_type IN ('allow', 'block', 'deny')),
        -- In the one spelling that the address or network has.
        cidr text NOT NULL,
        label text,
        applies_to text NOT NULL CHECK (applies_to IN ('all', 'users', 'agents')),
        -- Kept when that human is gone.
        created_by uuid NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX ip_rules_org_idx ON ip_rules (org_id, id)');
    await grantToApp(runner, { ip_rules: 'SELECT, INSERT, DELETE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ip_rules');
  }
}
