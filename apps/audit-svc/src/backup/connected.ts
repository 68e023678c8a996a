import { loadConfig } from '@oneclaw/config';
import { KeyUse } from '@oneclaw/contracts/crypto';
import { createDataSource } from '@oneclaw/database';
import { RpcChannel, transportSecurity, verificationKeysFrom } from '@oneclaw/rpc';
import { createLogger, type Logger } from '@oneclaw/telemetry';
import type { DataSource } from 'typeorm';
import { CheckpointKeys } from '../checkpoints/checkpoint-keys.js';
import { configFields } from '../config.js';

export interface AuditConnections {
  database: DataSource;
  crypto: RpcChannel;
  keys: CheckpointKeys;
  logger: Logger;
}

/** Runs one of the commands for backups with what audit-svc's own environment names, and closes it. */
export async function connected<T>(run: (connections: AuditConnections) => Promise<T>): Promise<T> {
  const config = loadConfig(configFields);
  const logger = createLogger({ service: 'audit-svc', level: 'error' });
  const security = transportSecurity(config);
  const crypto = new RpcChannel({ self: 'audit-svc', target: 'crypto-svc', url: config.CRYPTO_SVC_URL, security });
  const database = await createDataSource({
    url: config.DATABASE_URL_FILE,
    applicationName: 'backup',
    logger,
    poolSize: 2,
    statementTimeoutMs: 60_000,
  });
  try {
    const keys = new CheckpointKeys(verificationKeysFrom(crypto, KeyUse.CHECKPOINT));
    return await run({ database, crypto, keys, logger });
  } finally {
    crypto.close();
    await database.destroy();
  }
}
