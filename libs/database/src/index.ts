export { createDataSource, type DatabaseOptions } from './data-source.js';
export { query, execute, type Executor, type QueryOptions } from './query.js';
export { transaction, afterCommit } from './transaction.js';
export { CommitOutcomeUnknown, isForeignKeyViolation, isUnavailable, isUniqueViolation } from './errors.js';
export { runMigrations, type MigrationOptions } from './migrate.js';
export { grantToApp, appRoleOf, type Grants } from './grants.js';
export { cursorOf, type Cursor } from './cursor.js';
export { ping } from './ping.js';
