import type { QueryRunner } from 'typeorm';

/** Table name to privileges, e.g. `{ events: 'SELECT, INSERT', vaults: 'SELECT, INSERT, UPDATE, DELETE' }`. */
export type Grants = Readonly<Record<string, string>>;

const OWNER_SUFFIX = /_owner$/;

/**
 * The role that the service runs as: the migrating (owner) role's name without `_owner`. Where a database has only one
 * role, as in some tests, it is that role.
 */
export async function appRoleOf(runner: QueryRunner): Promise<string> {
  const [row] = (await runner.query('SELECT current_user AS owner')) as [{ owner: string }];
  return row.owner.replace(OWNER_SUFFIX, '');
}

/** In a migration: gives the service's role exactly these privileges on these tables. */
export async function grantToApp(runner: QueryRunner, grants: Grants): Promise<void> {
  const role = quote(await appRoleOf(runner));
  for (const [table, privileges] of Object.entries(grants)) {
    await runner.query(`REVOKE ALL ON ${quote(table)} FROM ${role}`);
    await runner.query(`GRANT ${privileges} ON ${quote(table)} TO ${role}`);
  }
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
