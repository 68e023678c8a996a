import { describe, expect, it } from '@jest/globals';
import { runMigrations } from '@oneclaw/database';
import { undoAndRedo } from '@oneclaw/database/undo-and-redo';
import { createLogger } from '@oneclaw/telemetry';
import { createTestDatabase } from '@oneclaw/testing';
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
});
