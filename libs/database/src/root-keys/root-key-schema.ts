import type { QueryRunner } from 'typeorm';
import type { Grants } from '../grants.js';

export const ROOT_KEY_GRANTS: Grants = { root_keys: 'SELECT, INSERT, DELETE' };

/** A table of wrapped KEKs, with columns `id` and `wrapped`. */
export type KekTable = 'vault_keks' | 'sealing_keks';

/** In docs/envelope-format.md, "Wrapped KEK": the generation of the root key, 4 bytes from the 17th on. */
const GENERATION = [17, 18, 19, 20].map((byte, index) => `get_byte(wrapped, ${byte}) << ${24 - 8 * index}`).join(' | ');

/**
 * For a migration of each service that keeps wrapped KEKs: they name the generation of the root key that wraps them, and a
 * foreign key keeps that generation in use. What is not in `root_keys` wraps nothing, and nothing new comes under it.
 */
export async function rootKeysUp(runner: QueryRunner, table: KekTable): Promise<void> {
  await runner.query('CREATE TABLE root_keys (generation integer PRIMARY KEY CHECK (generation > 0))');
  await runner.query(`ALTER TABLE ${table} ADD COLUMN root_generation integer REFERENCES root_keys`);
  await runner.query(`INSERT INTO root_keys SELECT DISTINCT ${GENERATION} FROM ${table} WHERE wrapped IS NOT NULL`);
  await runner.query(`UPDATE ${table} SET root_generation = ${GENERATION} WHERE wrapped IS NOT NULL`);
  await runner.query(`
    ALTER TABLE ${table} ADD CONSTRAINT ${table}_name_their_root_key
      CHECK ((wrapped IS NULL) = (root_generation IS NULL))`);
  await runner.query(`CREATE INDEX ${table}_root_generation_idx ON ${table} (root_generation)`);
}

export async function rootKeysDown(runner: QueryRunner, table: KekTable): Promise<void> {
  await runner.query(`ALTER TABLE ${table} DROP COLUMN root_generation`);
  await runner.query('DROP TABLE root_keys');
}
