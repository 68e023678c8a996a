import { baseFields, loadConfig, secretFile } from '@oneclaw/config';
import { runMigrations } from '@oneclaw/database';
import { createLogger } from '@oneclaw/telemetry';
import { migrations } from './migrations/index.js';

const config = loadConfig({
  LOG_LEVEL: baseFields.LOG_LEVEL,
  /** postgres://… of the database's owner role. */
  MIGRATION_DATABASE_URL_FILE: secretFile(),
});
const logger = createLogger({ service: 'billing-svc', level: config.LOG_LEVEL });
await runMigrations({ url: config.MIGRATION_DATABASE_URL_FILE, migrations, name: 'billing-svc', logger });
