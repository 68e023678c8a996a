import { describe, expect, it } from '@jest/globals';
import { runMigrations } from '@oneclaw/database';
import { createLogger } from '@oneclaw/telemetry';
import { createTestDatabase } from '@oneclaw/testing';
import { DataSource } from 'typeorm';
import { migrations } from './index.js';

const logger = createLogger({ service: 'test', level: 'silent' });

describe('the migrations', () => {
  it('go up, all the way down and up again', async () => {
    const database = await createTestDatabase();
    await runMigrations({ url: database.ownerUrl, migrations, name: 'audit-svc', logger });
    const dataSource = await new DataSource({ type: 'postgres', url: database.ownerUrl, migrations }).initialize();
    for (let index = 0; index < migrations.length; index += 1) await dataSource.undoLastMigration();
    const tables = await dataSource.query<{ tablename: string }[]>(
      `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`,
    );
    expect(tables).toEqual([{ tablename: 'migrations' }]);
    expect(await dataSource.runMigrations()).toHaveLength(migrations.length);
    await dataSource.destroy();
    await database.drop();
  });
});
