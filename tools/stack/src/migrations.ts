import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { NODE, ROOT } from '../setup/root.mjs';
import { runOrFail } from '../setup/run-command.mjs';
import type { StateFolder } from './state-folder.js';
import { SERVICES, type ServiceName } from './services.js';

/** What the built migrations of all services are; the database need not be asked when it has not changed. */
export function migrationsFingerprint(services: readonly ServiceName[], root = ROOT): string {
  const hash = createHash('sha256');
  for (const name of services.filter((service) => SERVICES[service].database)) {
    const folder = path.join(root, 'apps', name, 'dist');
    const files = globSync(['migrate.js', 'migrations/**/*.js'], { cwd: folder }).sort();
    for (const file of files) hash.update(`${name}/${file}\0`).update(readFileSync(path.join(folder, file)));
  }
  return hash.digest('hex');
}

/** Brings a service's database up to date, as the role that owns it. */
export async function migrate(name: ServiceName, urlFile: string, ownUrlFile: string, root = ROOT): Promise<void> {
  const entry = path.join(root, 'apps', name, 'dist/migrate.js');
  await runOrFail(
    NODE,
    [entry],
    {
      cwd: root,
      env: {
        PATH: process.env['PATH'],
        ONECLAW_PROFILE: 'local',
        LOG_LEVEL: 'info',
        MIGRATION_DATABASE_URL_FILE: urlFile,
        DATABASE_URL_FILE: ownUrlFile,
      },
    },
    `The migrations of ${name} failed. What they said is above.`,
  );
}

export function migrationsAreCurrent(state: StateFolder, fingerprint: string): boolean {
  const file = state.at('migrations');
  return existsSync(file) && readFileSync(file, 'utf8') === fingerprint;
}
