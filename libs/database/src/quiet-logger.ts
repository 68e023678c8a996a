import type { Logger } from 'typeorm';

/** TypeORM says nothing by itself: its messages hold statements and parameters, and we log what matters where it is caught. */
export const quietLogger: Logger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};
