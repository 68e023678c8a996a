import { grantToApp } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The trail: events that are only ever added, and where each org's chain ends. */
export class Events1795219200001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE events (
        org_id uuid NOT NULL,
        -- 1, 2, 3 … in the org's chain.
        position bigint NOT NULL CHECK (position > 0),
        id uuid NOT NULL,
        prev_event_id uuid CHECK ((prev_event_id IS NULL) = (position = 1)),
        actor_type text NOT NULL,
        actor_id text COLLATE "C" NOT NULL,
        action text COLLATE "C" NOT NULL,
        resource_type text NOT NULL,
        resource_id text COLLATE "C" NOT NULL,
        -- The JSON object exactly as it came: the chain covers its bytes.
        details text NOT NULL,
        -- Out of details, for filters.
        vault_id text COLLATE "C",
        path text COLLATE "C",
        ip_address text NOT NULL,
        request_id text NOT NULL,
        created_at timestamptz NOT NULL,
        integrity_hash bytea NOT NULL CHECK (octet_length(integrity_hash) = 32),
        PRIMARY KEY (org_id, position),
        CONSTRAINT events_id_key UNIQUE (id)
      )`);
    // Every list is newest first within an org, by one of these filters or none.
    await this.index(runner, 'org', 'org_id');
    await this.index(runner, 'actor', 'org_id, actor_id');
    await this.index(runner, 'action', 'org_id, action');
    await this.index(runner, 'resource', 'org_id, resource_id', `resource_id <> ''`);
    await this.index(runner, 'vault', 'org_id, vault_id', 'vault_id IS NOT NULL');
    await this.index(runner, 'path', 'org_id, path', 'path IS NOT NULL');
    await runner.query(`
      CREATE TABLE chain_heads (
        org_id uuid PRIMARY KEY,
        position bigint NOT NULL,
        event_id uuid,
        integrity_hash bytea NOT NULL
      ) WITH (fillfactor = 50)`);
    await grantToApp(runner, { events: 'SELECT, INSERT', chain_heads: 'SELECT, INSERT, UPDATE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE chain_heads, events');
  }

  private async index(runner: QueryRunner, name: string, columns: string, where?: string): Promise<void> {
    const condition = where === undefined ? '' : `WHERE ${where}`;
    await runner.query(`CREATE INDEX events_by_${name} ON events (${columns}, created_at, position) ${condition}`);
  }
}
