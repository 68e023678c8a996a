import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { NODE, ROOT } from './stack/setup/root.mjs';

/**
 * Whether a restored backup is worth anything, found out by the code that would have to serve it: vault-svc's with the vaults,
 * audit-svc's with the trails; and what has to be kept elsewhere beforehand, so that it can be found out. Needs both to be built.
 */
const USAGE = `usage:
  npm run backup:checkpoints -- --audit-env <file> --out <checkpoints.ndjson>
    has the end of every chain signed, and writes the checkpoints; to be kept where nobody with the backup can write
    exit codes: 0 every chain has one, 1 some have none, 2 wrong usage, or it failed
  npm run backup:check -- --vault-env <file> --audit-env <file> --saved <checkpoints.ndjson>... [--every-secret]
    changes nothing
    exit codes: 0 the backup is good, 1 it is not, 2 wrong usage, or it could not be found out

  --every-secret  opens the latest version of every secret, not only of each vault's newest one
  --vault-env  environment of vault-svc: its database, and a crypto-svc that works on the token
  --audit-env  environment of audit-svc, likewise
  --saved      checkpoints from before the backup, or exports of trails, which hold them
`;

const GOOD = 0;
const BAD = 1;
const UNKNOWN = 2;
const VERDICTS = [
  'The backup is good.\n',
  'The backup is NOT good.\n',
  'Whether the backup is good could not be found out.\n',
];

const text = { type: 'string' };
const COMMANDS = {
  checkpoints: {
    options: { 'audit-env': text, out: text },
    run: (given) => run('audit-svc', 'backup-checkpoints', given['audit-env'], [path.resolve(given.out)]),
  },
  check: {
    options: {
      'vault-env': text,
      'audit-env': text,
      saved: { ...text, multiple: true },
      'every-secret': { type: 'boolean', default: false },
    },
    run: (given) => {
      const codes = [
        run('vault-svc', 'backup-check', given['vault-env'], given['every-secret'] ? ['--every-secret'] : []),
        run('audit-svc', 'backup-check', given['audit-env'], given.saved),
      ];
      const verdict = codes.includes(BAD) ? BAD : codes.every((code) => code === GOOD) ? GOOD : UNKNOWN;
      process.stdout.write(VERDICTS[verdict]);
      return verdict;
    },
  },
};

const [name, ...args] = process.argv.slice(2);
const command = COMMANDS[name];
const given = command && parsed(command.options, args);
if (!given) process.stderr.write(USAGE);
process.exitCode = given ? command.run(given) : UNKNOWN;

/** Undefined unless everything is given, and nothing else. */
function parsed(options, args) {
  try {
    const { values } = parseArgs({ args, options });
    return Object.keys(options).every((option) => values[option] !== undefined) ? values : undefined;
  } catch {
    return undefined;
  }
}

/** Each with its own environment and nothing of ours. */
function run(service, entry, env, args) {
  const script = path.join(ROOT, 'apps', service, 'dist', `${entry}.js`);
  const { status } = spawnSync(NODE, [`--env-file=${env}`, script, ...args], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return status === GOOD || status === BAD ? status : UNKNOWN;
}
