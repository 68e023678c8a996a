import { readFileSync } from 'node:fs';
import { loadConfig } from '@oneclaw/config';
import { KeyUse } from '@oneclaw/contracts/crypto';
import { createDataSource } from '@oneclaw/database';
import { RpcChannel, transportSecurity, verificationKeysFrom } from '@oneclaw/rpc';
import { createLogger } from '@oneclaw/telemetry';
import { ChainsCheck } from './backup/check-chains.js';
import { savedCheckpoints } from './backup/saved-checkpoints.js';
import { ChainRepository } from './chain/chain.repository.js';
import { ChainVerifier } from './chain/verify-chain.js';
import { CheckpointKeys } from './checkpoints/checkpoint-keys.js';
import { CheckpointsRepository } from './checkpoints/checkpoints.repository.js';
import { configFields } from './config.js';

/**
 * audit-svc's part of `npm run backup:check`, with audit-svc's own environment: the restored database, and a crypto-svc on the
 * restored token. Arguments: exports of trails that were kept elsewhere. Exit codes: 0 whole and vouched for, 1 not, 2 it could not be found out.
 */
const NAME = 'audit-svc';

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`The chains could not be checked: ${(error as Error).message}\n`);
  process.exitCode = 2;
}

async function run(files: readonly string[]): Promise<number> {
  const saved = files.flatMap((file) => savedCheckpoints(readFileSync(file, 'utf8')));
  const config = loadConfig(configFields);
  const logger = createLogger({ service: NAME, level: 'fatal' });
  const crypto = new RpcChannel({
    self: NAME,
    target: 'crypto-svc',
    url: config.CRYPTO_SVC_URL,
    security: transportSecurity(config),
  });
  const database = await createDataSource({
    url: config.DATABASE_URL_FILE,
    applicationName: 'backup-check',
    logger,
    poolSize: 2,
  });
  try {
    const keys = new CheckpointKeys(verificationKeysFrom(crypto, KeyUse.CHECKPOINT));
    const chains = new ChainRepository();
    const verifier = new ChainVerifier(chains, new CheckpointsRepository(), keys);
    const report = await new ChainsCheck(database, chains, verifier, keys).run(saved);
    for (const fault of report.faults) process.stdout.write(`BAD: ${fault}.\n`);
    const counts = `${report.chains} chains, ${report.events} events, ${saved.length} saved checkpoints`;
    process.stdout.write(`${counts}, ${report.faults.length} faults.\n`);
    return report.faults.length === 0 ? 0 : 1;
  } finally {
    crypto.close();
    await database.destroy();
  }
}
