import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { NODE, ROOT } from './root.mjs';
import { runOrFail } from './run-command.mjs';

const STAMP = path.join(ROOT, 'node_modules/.oneclaw-install');
const BUILT = ['node_modules/pkcs11js/build/Release/pkcs11.node'];

/** Whether node_modules is what package-lock.json says. */
export function dependenciesCurrent() {
  const complete = [NODE, ...BUILT.map((file) => path.join(ROOT, file))].every((file) => existsSync(file));
  return complete && (stamp() === fingerprint() || installedByHand());
}

/** Makes it so. */
export async function installDependencies() {
  const npm = npmCommand();
  await runOrFail(
    npm.command,
    [...npm.args, 'ci', '--loglevel=error', '--no-audit', '--no-fund'],
    { cwd: ROOT, env: installEnvironment(npm.node) },
    'Installing the dependencies failed (npm ci). What npm said is above.',
  );
  writeFileSync(STAMP, fingerprint());
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['package.json', 'package-lock.json']) hash.update(readFileSync(path.join(ROOT, file)));
  return hash.digest('hex');
}

function stamp() {
  return existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : undefined;
}

/** After `npm install <package>` npm's own record of node_modules agrees with the lock file: nothing is to be done. */
function installedByHand() {
  const record = path.join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const { packages: installed } = JSON.parse(readFileSync(record, 'utf8'));
  const { packages: locked } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
  return Object.entries(locked).every(([name, entry]) => {
    if (!name.includes('node_modules/')) return true;
    const found = installed[name];
    return found ? found.version === entry.version && found.integrity === entry.integrity : optional(entry);
  });
}

function optional(entry) {
  return Boolean(entry.optional || entry.devOptional || entry.peer);
}

/** npm as it was called, so that a machine with several Nodes stays with one; or npm from the PATH. */
function npmCommand() {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  if (cli?.endsWith('.js') && node && !inside(node)) return { command: node, args: [cli], node };
  return { command: 'npm', args: [], node: process.execPath };
}

/**
 * pkcs11js is compiled during the install. Its headers come with most Nodes; pointing node-gyp at them means that
 * nothing is downloaded.
 */
function installEnvironment(node) {
  const prefix = path.resolve(path.dirname(node), '..');
  const PATH = (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((entry) => !inside(entry))
    .join(path.delimiter);
  const headers = existsSync(path.join(prefix, 'include/node/node_api.h')) ? { npm_config_nodedir: prefix } : {};
  return { ...process.env, PATH, ...headers };
}

/** npm puts node_modules/.bin first on the PATH; the Node there is about to be replaced. */
function inside(file) {
  return path.resolve(file).startsWith(path.join(ROOT, 'node_modules'));
}
