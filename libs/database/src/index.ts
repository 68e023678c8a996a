export { createDataSource, type DatabaseOptions } from './data-source.js';
export { databaseProvider, type DatabaseConfig } from './database-provider.js';
export { query, execute, type Executor, type QueryOptions } from './query.js';
export { transaction, afterCommit } from './transaction.js';
export {
  CommitOutcomeUnknown,
  isForeignKeyViolation,
  isOutOfRange,
  isUnavailable,
  isUniqueViolation,
} from './errors.js';
export { migrateMain } from './migrate-main.js';
export { runMigrations, type MigrationOptions } from './migrate.js';
export { replaceIndex } from './replace-index.js';
export { grantToApp, appRoleOf, type Grants } from './grants.js';
export { cursorOf, type Cursor } from './cursor.js';
export { ping } from './ping.js';
export { AttemptThrottle } from './throttle/attempt-throttle.js';
export type { Window } from './throttle/admission.js';
export { ThrottlesRepository } from './throttle/throttles.repository.js';
export { THROTTLE_GRANTS, throttleDown, throttleUp } from './throttle/throttle-schema.js';
export { RootKeyRotation, type Rewrap, type RewrapPage, type RewrapProgress } from './root-keys/root-key-rotation.js';
export { ROOT_KEY_GRANTS, rootKeysDown, rootKeysUp } from './root-keys/root-key-schema.js';
export { RootKeysRepository, type StoredKek } from './root-keys/root-keys.repository.js';
