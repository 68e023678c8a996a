import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { CheckpointServiceDefinition } from '@oneclaw/contracts/crypto';
import { createRpcClient } from '@oneclaw/rpc';
import { Metrics } from '@oneclaw/telemetry';
import { type AuditConnections, connected } from './backup/connected.js';
import { orgsWithEvents } from './backup/orgs-with-events.js';
import { CheckpointMetrics } from './checkpoints/checkpoint-metrics.js';
import { CheckpointsRepository } from './checkpoints/checkpoints.repository.js';
import { CheckpointsService } from './checkpoints/checkpoints.service.js';
import { checkpointLine } from './export/export-lines.js';

/**
 * `npm run backup:checkpoints`, with audit-svc's own environment: has the end of every chain signed now, and writes the newest
 * checkpoint of each to the file given, as exports have them. Exit codes: 0 every chain has one, 1 some have none, 2 it failed.
 */
try {
  const [file] = process.argv.slice(2);
  if (!file) throw new Error('no file was given');
  process.exitCode = await connected((connections) => save(connections, file));
} catch (error) {
  process.stderr.write(`The checkpoints could not be saved: ${(error as Error).message}\n`);
  process.exitCode = 2;
}

async function save({ database, crypto, keys, logger }: AuditConnections, file: string): Promise<number> {
  const repository = new CheckpointsRepository();
  const signer = createRpcClient(CheckpointServiceDefinition, crypto);
  const metrics = new CheckpointMetrics(new Metrics('audit-svc'));
  const service = new CheckpointsService(database, repository, keys, signer, metrics, logger);
  // A chain that moves meanwhile is signed by the next round; where a replica is at it, the end of a moment ago is.
  for (let org = await service.signDue(undefined, 0); org;) org = await service.signDue(org, 0);
  const out = createWriteStream(file, { mode: 0o600 });
  let saved = 0;
  let missing = 0;
  for await (const orgId of orgsWithEvents(database)) {
    const checkpoint = await repository.findNewest(database, orgId, await keys.ids());
    if (checkpoint && (await keys.judge(checkpoint)) === 'right') {
      if (!out.write(checkpointLine(checkpoint))) await once(out, 'drain');
      saved += 1;
    } else {
      process.stdout.write(`MISSING: the chain of org ${orgId} has no checkpoint that the HSM signed.\n`);
      missing += 1;
    }
  }
  out.end();
  await once(out, 'close');
  process.stdout.write(`${saved} checkpoints saved, ${missing} chains without one.\n`);
  return missing === 0 ? 0 : 1;
}
