import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { runMigrations } from '@oneclaw/database';
import { undoAndRedo } from '@oneclaw/database/undo-and-redo';
import { createLogger } from '@oneclaw/telemetry';
import { createTestDatabase, eventually } from '@oneclaw/testing';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { migrations } from './index.js';

const logger = createLogger({ service: 'test', level: 'silent' });

describe('the migrations', () => {
  it('go up, all the way down and up again', async () => {
    const database = await createTestDatabase();
    await runMigrations({ url: database.ownerUrl, migrations, name: 'audit-svc', logger });
    const { tablesLeft, redone } = await undoAndRedo(database.ownerUrl, migrations);
    expect(tablesLeft).toEqual(['migrations']);
    expect(redone).toBe(migrations.length);
    await database.drop();
  });

  it('let events be taken while their indexes are built, however long that takes', async () => {
    const database = await createTestDatabase();
    const migrate = (upTo: number) =>
      runMigrations({ url: database.ownerUrl, migrations: migrations.slice(0, upTo), name: 'audit-svc', logger });
    await migrate(3);
    const connect = async (url: string): Promise<pg.Client> => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      return client;
    };
    const [slow, quick, owner] = await Promise.all([
      connect(database.url),
      connect(database.url),
      connect(database.ownerUrl),
    ]);
    await slow.query('BEGIN');
    await insertEvent(slow);
    const migrated = migrate(4);
    await eventually(async () => {
      const { rows } = await owner.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(rows).toHaveLength(1);
    });
    await quick.query(`SET lock_timeout = '1s'`);
    await insertEvent(quick);
    await slow.query('COMMIT');
    expect(await migrated).toEqual(['CoveringIndexes1795219200004']);
    await Promise.all([slow, quick, owner].map((client) => client.end()));
    await database.drop();
  });
});

/** The first of an org's chain. */
function insertEvent(client: pg.Client): Promise<unknown> {
  return client.query(
    `INSERT INTO events (org_id, position, id, actor_type, actor_id, action, resource_type, resource_id, details, ip_address,
       request_id, created_at, integrity_hash)
     VALUES ($1, 1, $2, 'user', 'u', 'secret.read', 'secret', 's', '{}', '', '', now(), $3)`,
    [uuidv7(), uuidv7(), randomBytes(32)],
  );
}
