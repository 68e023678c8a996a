import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { provided } from './environment.js';

/** A database of its own, with two roles like a deployed one: the owner migrates, the service's role only does what it was granted. */
export interface TestDatabase {
  /** As the service's role. */
  url: string;
  /** As the owner role, for migrations and for arranging or tampering. */
  ownerUrl: string;
  name: string;
  /** Ends all connections and removes database and roles. */
  drop(): Promise<void>;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const admin = provided('TEST_POSTGRES_URL');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const owner = `${name}_owner`;
  await asAdmin(admin, [
    `CREATE ROLE ${name} LOGIN PASSWORD '${name}'`,
    `CREATE ROLE ${owner} LOGIN PASSWORD '${name}'`,
    `CREATE DATABASE ${name} OWNER ${owner}`,
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC`,
    `GRANT CONNECT ON DATABASE ${name} TO ${name}`,
  ]);
  return {
    name,
    url: urlFor(admin, name, name),
    ownerUrl: urlFor(admin, owner, name),
    drop: () => asAdmin(admin, [`DROP DATABASE ${name} WITH (FORCE)`, `DROP ROLE ${name}`, `DROP ROLE ${owner}`]),
  };
}

function urlFor(admin: string, role: string, database: string): string {
  const url = new URL(admin);
  url.username = role;
  url.password = database;
  url.pathname = `/${database}`;
  return url.toString();
}

async function asAdmin(url: string, statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
