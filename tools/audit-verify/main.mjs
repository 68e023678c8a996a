import { createReadStream, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Keys } from './keys.mjs';
import { parseCheckpoint } from './lines.mjs';
import { verdictOf, verifyExport } from './verify-export.mjs';

const USAGE = `usage: npm run audit:verify -- <export.ndjson> --key <keys.json> [--saved <file>]... [--signed-since <time>]
  --key           the public keys, a JWK Set: from \`npm run hsm -- checkpoint-keys\`, or /.well-known/audit-checkpoint-keys.json
  --saved         checkpoints kept from before, one a line: an earlier export or lines of one, answers of GET /v1/audit/verify, audit-svc's log;
                  repeatable. An export of a part of the chain needs one from where it begins or later
  --signed-since  the newest checkpoint must have been signed at that time (RFC 3339) or later, as when the export was asked for
exit codes: 0 whole and vouched for, 1 somebody changed something, 2 wrong usage, 3 whole, and not all of it vouched for`;

const EXIT = { whole: 0, changed: 1, unsigned: 3 };
const MISUSED = 2;

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${/** @type {Error} */ (error).message}\n\n${USAGE}\n`);
  process.exitCode = MISUSED;
}

/** @param {string[]} args */
async function run(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      saved: { type: 'string', multiple: true, default: [] },
      'signed-since': { type: 'string' },
    },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1 || values.key === undefined)
    throw new Error('An argument is missing.');
  const since = values['signed-since'];
  if (since !== undefined && Number.isNaN(Date.parse(since))) throw new Error('--signed-since is no time.');
  const keys = new Keys(readFileSync(values.key, 'utf8'));
  const saved = values.saved.flatMap((name) => savedCheckpoints(name, keys));
  const chunks = createReadStream(file, { highWaterMark: 1024 * 1024 });
  const report = await verifyExport(chunks, keys, saved);
  for (const line of sentences(report, since)) process.stdout.write(`${line}\n`);
  return EXIT[verdictOf(report, since)];
}

/** @param {string} file @param {Keys} keys */
function savedCheckpoints(file, keys) {
  const lines = readFileSync(file, 'utf8').split('\n');
  const checkpoints = lines.filter((line) => line.includes('"signature"')).map(parseCheckpoint);
  if (checkpoints.length === 0) throw new Error(`${file} holds no checkpoint.`);
  for (const checkpoint of checkpoints)
    if (keys.judge(checkpoint) !== 'right')
      throw new Error(`The checkpoint of ${checkpoint.created_at} in ${file} was not signed by any of these keys.`);
  return checkpoints;
}

/** @param {import('./verify-export.mjs').Report} report @param {string | undefined} since */
function sentences(report, since) {
  const {
    orgId,
    events,
    firstPosition,
    lastPosition,
    checkpoints,
    unknownKeys,
    unanswered,
    newest,
    connected,
    broken,
  } = report;
  if (broken) {
    const event = broken.eventId ? `, event ${broken.eventId}` : '';
    return [`CHANGED. Line ${broken.line}${event}: ${broken.reason}.`];
  }
  const lines = [
    `Org ${orgId}: ${events} events, positions ${firstPosition} to ${lastPosition}, form one whole chain.`,
  ];
  if (unknownKeys > 0) lines.push(`${unknownKeys} checkpoints are by keys that were not given; they say nothing.`);
  if (unanswered > 0)
    lines.push(`${unanswered} saved checkpoints are from before position ${firstPosition}; nothing here answers them.`);
  if (newest)
    lines.push(`${checkpoints} checkpoints hold; the newest was signed at ${newest.created_at} by ${newest.key_id}.`);
  if (newest?.position !== lastPosition)
    lines.push(
      `NOT VOUCHED FOR: no checkpoint covers the events behind position ${newest?.position ?? firstPosition - 1}.`,
    );
  else if (!connected)
    lines.push(
      `NOT VOUCHED FOR: it begins at position ${firstPosition}, and no checkpoint was given (--saved) from there or later, so what came before may have been left out.`,
    );
  else if (verdictOf(report, since) === 'unsigned')
    lines.push(`NOT VOUCHED FOR: nothing was signed since ${since}; what came later may have been cut off.`);
  return lines;
}
