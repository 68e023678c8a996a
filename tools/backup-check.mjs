import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { NODE, ROOT } from './stack/setup/root.mjs';

/**
 * Whether a restored backup is worth anything, found out by the code that would have to serve it: vault-svc's with the vaults,
 * audit-svc's with the trails. Needs both to be built; changes nothing.
 */
const USAGE = `usage: npm run backup:check -- --vault-env <file> --audit-env <file> --saved <export.ndjson>...
  --vault-env  environment of vault-svc: the restored database, and a crypto-svc that works on the restored token
  --audit-env  environment of audit-svc, likewise
  --saved      an export of a trail, made before the backup and kept elsewhere; one for each org
exit codes: 0 the backup is good, 1 it is not, 2 wrong usage, or it could not be found out
`;

const GOOD = 0;
const BAD = 1;
const UNKNOWN = 2;
const VERDICTS = [
  'The backup is good.\n',
  'The backup is NOT good.\n',
  'Whether the backup is good could not be found out.\n',
];

const { vaultEnv, auditEnv, saved } = given();
const codes = [run('vault-svc', vaultEnv, []), run('audit-svc', auditEnv, saved)];
process.exitCode = codes.includes(BAD) ? BAD : codes.every((code) => code === GOOD) ? GOOD : UNKNOWN;
process.stdout.write(VERDICTS[process.exitCode]);

function given() {
  try {
    const text = { type: 'string' };
    const options = { 'vault-env': text, 'audit-env': text, saved: { ...text, multiple: true, default: [] } };
    const { values } = parseArgs({ options });
    const { 'vault-env': vaultEnv, 'audit-env': auditEnv, saved } = values;
    if (vaultEnv && auditEnv && saved.length > 0) return { vaultEnv, auditEnv, saved };
  } catch {
    // Said below.
  }
  process.stderr.write(USAGE);
  process.exit(UNKNOWN);
}

/** Each with its own environment and nothing of ours. */
function run(service, env, args) {
  const script = path.join(ROOT, 'apps', service, 'dist/backup-check.js');
  const { status } = spawnSync(NODE, [`--env-file=${env}`, script, ...args], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return status === GOOD || status === BAD ? status : UNKNOWN;
}
