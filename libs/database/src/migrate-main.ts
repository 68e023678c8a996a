import { baseFields, loadConfig, secretFile } from '@oneclaw/config';
import { createLogger } from '@oneclaw/telemetry';
import { type MigrationOptions, runMigrations } from './migrate.js';

/** What a service's `migrate.js` is: brings its schema up to date as the owner role, which the service itself does not have. */
export async function migrateMain(name: string, migrations: MigrationOptions['migrations']): Promise<void> {
  const config = loadConfig({
    LOG_LEVEL: baseFields.LOG_LEVEL,
    /** postgres://… of the database's owner role. */
    MIGRATION_DATABASE_URL_FILE: secretFile(),
  });
  const logger = createLogger({ service: name, level: config.LOG_LEVEL });
  await runMigrations({ url: config.MIGRATION_DATABASE_URL_FILE, migrations, name, logger });
}
