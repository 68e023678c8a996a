import { LOGGER, type Logger, Metrics } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { createDataSource } from './data-source.js';

export interface DatabaseConfig {
  /** postgres://user:password@host:port/database, of the role that may not change the schema. */
  DATABASE_URL_FILE: string;
  DATABASE_POOL_SIZE: number;
}

/**
 * A Nest provider of a service's database.
 * @param self the service's name
 * @param config the token of its configuration
 */
export function databaseProvider(self: string, config: symbol) {
  return {
    provide: DataSource,
    inject: [config, LOGGER, Metrics],
    useFactory: (
      { DATABASE_URL_FILE: url, DATABASE_POOL_SIZE: poolSize }: DatabaseConfig,
      logger: Logger,
      metrics: Metrics,
    ) => createDataSource({ url, applicationName: self, poolSize, logger, metrics }),
  };
}
