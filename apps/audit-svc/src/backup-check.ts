import { readFileSync } from 'node:fs';
import { ChainsCheck } from './backup/check-chains.js';
import { type AuditConnections, connected } from './backup/connected.js';
import { savedCheckpoints } from './backup/saved-checkpoints.js';
import { ChainRepository } from './chain/chain.repository.js';
import { ChainVerifier } from './chain/verify-chain.js';
import { CheckpointsRepository } from './checkpoints/checkpoints.repository.js';

/**
 * audit-svc's part of `npm run backup:check`, with audit-svc's own environment: the restored database, and a crypto-svc on the
 * restored token. Arguments: files of checkpoints that were kept elsewhere. Exit codes: 0 whole and vouched for, 1 not, 2 it could
 * not be found out.
 */
try {
  const saved = process.argv.slice(2).flatMap((file) => savedCheckpoints(readFileSync(file, 'utf8')));
  process.exitCode = await connected((connections) => check(connections, saved));
} catch (error) {
  process.stderr.write(`The chains could not be checked: ${(error as Error).message}\n`);
  process.exitCode = 2;
}

async function check(
  { database, keys }: AuditConnections,
  saved: ReturnType<typeof savedCheckpoints>,
): Promise<number> {
  const chains = new ChainRepository();
  const verifier = new ChainVerifier(chains, new CheckpointsRepository(), keys);
  const report = await new ChainsCheck(database, chains, verifier, keys).run(saved);
  for (const fault of report.faults) process.stdout.write(`BAD: ${fault}.\n`);
  for (const orgId of report.newcomers)
    process.stdout.write(
      `NEW: the trail of org ${orgId} began after the checkpoints were kept, and none of them vouches for it.\n`,
    );
  const counts = `${report.chains} chains, ${report.events} events, ${saved.length} saved checkpoints`;
  process.stdout.write(`${counts}, ${report.faults.length} faults.\n`);
  return report.faults.length === 0 ? 0 : 1;
}
