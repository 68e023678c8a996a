import { replaceIndex } from '@oneclaw/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';

type Index = readonly [name: string, columns: string, covers: string, where?: string];

/** Every list is newest first within an org: by one of these filters, with what else it may be filtered by. */
const INDEXES: readonly Index[] = [
  ['actor', 'org_id, actor_id', 'action, resource_id, vault_id'],
  ['action', 'org_id, action', 'actor_id'],
  ['resource', 'org_id, resource_id', 'action, actor_id', `resource_id <> ''`],
  ['vault', 'org_id, vault_id', 'action, actor_id', 'vault_id IS NOT NULL'],
  ['path', 'org_id, path', 'action, actor_id', 'path IS NOT NULL'],
];

/**
 * A filter that few of an index's events pass (an action that a busy agent hardly ever takes) sends the query far back. With
 * the other filters in the index it goes there without fetching a page of the table for each event that does not pass: as long as
 * Postgres knows which pages everybody sees, so these are marked every 100,000 events and not when the table has grown by a fifth.
 */
export class CoveringIndexes1795219200004 implements MigrationInterface {
  /** Events go on being taken while the indexes are built. */
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    for (const [name, columns, covers, where] of INDEXES)
      await replaceIndex(runner, `events_by_${name}`, definitionOf(columns, where, `INCLUDE (${covers})`));
    await runner.query(
      'ALTER TABLE events SET (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE events RESET (autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold)',
    );
    for (const [name, columns, , where] of INDEXES) {
      await runner.query(`DROP INDEX events_by_${name}`);
      await runner.query(`CREATE INDEX events_by_${name} ON ${definitionOf(columns, where)}`);
    }
  }
}

function definitionOf(columns: string, where: string | undefined, include = ''): string {
  const condition = where === undefined ? '' : `WHERE ${where}`;
  return `events (${columns}, created_at, position) ${include} ${condition}`;
}
