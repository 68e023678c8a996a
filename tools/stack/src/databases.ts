import pg from 'pg';
import type { Postgres } from './postgres.js';

export interface DatabaseAccess {
  database: string;
  /** Owns the tables; migrations run as this role. */
  owner: { name: string; password: string };
  /** The service itself; its migrations grant it what it needs. */
  app: { name: string; password: string };
}

/** Makes each service's database with its two roles, as far as they are missing, and sets the passwords. */
export function ensureDatabases(postgres: Postgres, wanted: readonly DatabaseAccess[]): Promise<void> {
  return postgres.asSuperuser('postgres', async (client) => {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    const existing = new Set(rows.map((row) => row.datname));
    for (const { database, owner, app } of wanted) {
      for (const role of [owner, app]) await ensureRole(client, role);
      const [name, ownerName, appName] = [database, owner.name, app.name].map((each) => pg.escapeIdentifier(each));
      if (!existing.has(database)) await client.query(`create database ${name} owner ${ownerName}`);
      await client.query(`revoke all on database ${name} from public; grant connect on database ${name} to ${appName}`);
    }
  });
}

async function ensureRole(client: pg.Client, role: { name: string; password: string }): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role.name]);
  const verb = rowCount ? 'alter' : 'create';
  await client.query(
    `${verb} role ${pg.escapeIdentifier(role.name)} login password ${pg.escapeLiteral(role.password)}`,
  );
}
