import { loadConfig } from '@oneclaw/config';
import { createDataSource } from '@oneclaw/database';
import { transportSecurity } from '@oneclaw/rpc';
import { Metrics, createLogger } from '@oneclaw/telemetry';
import { VaultsCheck } from './backup/check-vaults.js';
import { configFields } from './config.js';
import { CryptoChannel } from './crypto/crypto-channel.js';
import { DamageAlarm } from './crypto/damage-alarm.js';
import { EnvelopesClient } from './crypto/envelopes.client.js';
import { ReadOpener } from './secrets/read-opener.js';
import { SecretReadsRepository } from './secrets/secret-reads.repository.js';

/**
 * vault-svc's part of `npm run backup:check`, with vault-svc's own environment: the restored database, and a crypto-svc on the
 * restored token. `--every-secret` opens all of them. Exit codes: 0 all opens, 1 something does not, 2 it could not be found out.
 */
const NAME = 'vault-svc';

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`The vaults could not be checked: ${(error as Error).message}\n`);
  process.exitCode = 2;
}

async function run(): Promise<number> {
  const everySecret = process.argv.includes('--every-secret');
  const config = loadConfig(configFields);
  const logger = createLogger({ service: NAME, level: 'fatal' });
  const crypto = new CryptoChannel({ url: config.CRYPTO_SVC_URL, security: transportSecurity(config) });
  const database = await createDataSource({
    url: config.DATABASE_URL_FILE,
    applicationName: 'backup-check',
    logger,
    poolSize: 2,
    statementTimeoutMs: 60_000,
  });
  try {
    const envelopes = new EnvelopesClient(crypto);
    const opener = new ReadOpener(envelopes, new DamageAlarm(new Metrics(NAME), logger));
    const report = await new VaultsCheck(database, envelopes, new SecretReadsRepository(), opener).run({ everySecret });
    for (const fault of report.faults) process.stdout.write(`BAD: ${fault}.\n`);
    process.stdout.write(
      `${report.vaults} vaults, ${report.keks} KEKs, ${report.opened} secrets opened, ${report.faults.length} faults.\n`,
    );
    return report.faults.length === 0 ? 0 : 1;
  } finally {
    crypto.close();
    await database.destroy();
  }
}
