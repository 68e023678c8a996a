import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CALLER_ASSERTION, encodeCallerClaims } from '@oneclaw/caller';
import { eventually } from '@oneclaw/testing';
import { eventsOf } from '../testing/events.js';
import { owner, type Person } from '../testing/people.js';
import { RealCryptoSvc } from '../testing/real-crypto-svc.js';
import { createVault, put, readAll, type Answer, type ReadAnswer } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

/**
 * What becomes of a read when a column of a row behind it was changed: the very same answer, a clean refusal (by its code), or
 * `damaged`: an internal error, an alarm and an event. Never anything else.
 */
type Outcome = 'same' | 'damaged' | 'not_found' | 'gone' | 'permission_denied';

/**
 * Every column of every table that a read depends on, with all that its changes lead to. A new column has to be entered here: is
 * it part of what an envelope is bound to (associated-data.ts), or why not (docs/tampering.md)?
 */
const COLUMNS: Record<string, Record<string, Outcome[]>> = {
  vaults: {
    id: ['not_found'],
    org_id: ['not_found'],
    name: ['same'],
    description: ['same'],
    created_by: ['permission_denied'],
    created_by_type: ['permission_denied'],
    policies_revision: ['same'],
    cmek_enabled: ['same'],
    cmek_fingerprint: ['same'],
    cmek_write_fingerprint: ['same'],
    created_at: ['same'],
    deleted_at: ['not_found'],
  },
  vault_keks: {
    id: ['damaged'],
    vault_id: ['damaged'],
    wrapped: ['damaged'],
    is_current: ['same'],
    created_at: ['same'],
    root_generation: ['same'],
  },
  secrets: {
    id: ['damaged'],
    org_id: ['same'],
    vault_id: ['not_found'],
    path: ['not_found'],
    current_version: ['damaged', 'gone'],
    deleted_from: ['same'],
    deleted_through: ['gone', 'same'],
    created_at: ['same'],
    deleted_at: ['same'],
  },
  secret_versions: {
    secret_id: ['damaged'],
    version: ['damaged'],
    type: ['damaged'],
    kek_id: ['damaged'],
    wrapped_dek: ['damaged'],
    sealed_value: ['damaged'],
    metadata: ['damaged'],
    rotation_policy: ['damaged'],
    cmek_fingerprint: ['damaged'],
    created_by: ['damaged'],
    created_at: ['damaged'],
    expires_at: ['damaged', 'gone'],
    max_access_count: ['damaged', 'gone'],
    access_count: ['gone', 'same'],
  },
};

/** Values that a column of a type may be changed to, as SQL over the column `c`. */
const CHANGES: Record<string, string[]> = {
  uuid: ['gen_random_uuid()'],
  text: [`c || 'x'`, `''`, 'upper(c) || lower(c)'],
  integer: ['c + 1', 'c - 1', '0', '-1', '2147483647'],
  bigint: ['c + 1', 'c - 1', '-1', '9223372036854775807'],
  boolean: ['NOT c'],
  json: [`(c::text || ' ')::json`, `'{}'`, `'null'`, `'{"a":1}'`],
  'timestamp with time zone': [
    `c + interval '1 ms'`,
    `c + interval '1 day'`,
    `c - interval '100 years'`,
    `'infinity'`,
    `'-infinity'`,
  ],
  bytea: [`''`, `substr(c, 1, length(c) - 1)`, `c || '\\x00'`, `'\\xff'`],
};

interface Column {
  table: string;
  name: string;
  type: string;
}

const TARGET = 'target';
const PATHS = [TARGET, 'beside', 'far'];

let crypto: RealCryptoSvc;
let world: VaultWorld;
let alice: Person;
/** Of target and beside; far is in another one. */
let vaultId: string;
let farVaultId: string;
let columns: Column[];

beforeAll(async () => {
  const module = process.env['TEST_PKCS11_MODULE'] as string;
  crypto = await RealCryptoSvc.start({ module, util: process.env['TEST_SOFTHSM_UTIL'] as string });
  world = await startVaultWorld({ CRYPTO_SVC_URL: crypto.url });
  alice = await assert(owner({ sign: () => '' }));
  await eventually(() => world.vaults.listVaults({}, alice.call));
  columns = await columnsOf(Object.keys(COLUMNS));
  await liftConstraints();
  [vaultId, farVaultId] = [(await createVault(world, alice)).id, (await createVault(world, alice)).id];
  const options = {
    type: 'password',
    metadataJson: '{"a":"b"}',
    rotationPolicyJson: '{"days":30}',
    expiresAt: new Date(Date.now() + 86_400_000),
    maxAccessCount: 1_000_000,
  };
  for (const path of PATHS) await put(world, alice, vaultOf(path), path, `value of ${path}`, options);
});
afterAll(async () => {
  await world?.close();
  await crypto?.stop();
});
beforeEach(async () => {
  alice = await assert(alice);
});

const vaultOf = (path: string) => (path === 'far' ? farVaultId : vaultId);

/** Assertions hold for a minute. */
async function assert(who: Person): Promise<Person> {
  const claims = encodeCallerClaims(who.caller, Math.floor(Date.now() / 1000));
  const assertion = await crypto.sign(CALLER_ASSERTION.typ, claims);
  return { ...who, call: { ...who.call, assertion }, item: { ...who.item, assertion } };
}

async function columnsOf(tables: string[]): Promise<Column[]> {
  const { rows } = await world.owner.query<Column>(
    `SELECT table_name AS "table", column_name AS name, data_type AS type FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = ANY ($1) ORDER BY table_name, ordinal_position`,
    [tables],
  );
  return rows;
}

/** As for somebody who edits the files of the database: neither constraints nor keys hold them back. */
async function liftConstraints(): Promise<void> {
  const { rows } = await world.owner.query<{ drop: string }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', conrelid::regclass, conname) AS drop
     FROM pg_constraint WHERE contype IN ('f', 'c') AND conrelid::regclass::text = ANY ($1)
     UNION ALL SELECT format('DROP INDEX %I', indexname) FROM pg_indexes WHERE indexname = 'vault_keks_one_current_key'`,
    [Object.keys(COLUMNS)],
  );
  for (const { drop } of rows) await world.owner.query(drop);
  for (const { table, name } of columns.filter(({ name: column }) => !['id', 'secret_id', 'version'].includes(column)))
    await world.owner.query(`ALTER TABLE ${table} ALTER COLUMN ${name} DROP NOT NULL`);
}

/** Rows on which everything in the vault depends. */
const OF_VAULT = new Set(['vaults', 'vault_keks']);

/** Which row of a table stands behind the target. */
const ROW: Record<string, string> = {
  vaults: 'id = $1',
  vault_keks: 'vault_id = $1',
  secrets: `vault_id = $1 AND path = 'target'`,
  secret_versions: `secret_id = (SELECT id FROM secrets WHERE vault_id = $1 AND path = 'target')`,
};

/** Changes the row, looks, and puts it back. `expression` is over the column as `c`; undefined where that changes nothing. */
async function whileChanged<T>({ table, name, type }: Column, expression: string, look: () => Promise<T>) {
  const { rows: kept } = await world.owner.query<{ old: string | null }>(
    `SELECT ${name}::text AS old FROM ${table} WHERE ${ROW[table]}`,
    [vaultId],
  );
  const { rows } = await world.owner.query<{ ctid: string; changed: boolean }>(
    `WITH before AS (SELECT ctid AS at, ${name} AS c FROM ${table} WHERE ${ROW[table]})
     UPDATE ${table} SET ${name} = ${expression} FROM before WHERE ${table}.ctid = before.at
     RETURNING ${table}.ctid, ${table}.${name}::text IS DISTINCT FROM c::text AS changed`,
    [vaultId],
  );
  const [{ ctid, changed }] = rows as [{ ctid: string; changed: boolean }];
  try {
    return changed ? await look() : undefined;
  } finally {
    await world.owner.query(`UPDATE ${table} SET ${name} = $2::${type} WHERE ctid = $1`, [ctid, kept[0]?.old]);
  }
}

const readThem = () =>
  readAll(
    world,
    PATHS.map((path) => ({ who: alice, vaultId: vaultOf(path), path })),
  );

const damagedCount = async () => {
  const response = await fetch(`http://127.0.0.1:${world.service.adminPort}/metrics`);
  return Number(/^vault_envelope_damaged_total\{[^}]*\} (\d+)$/m.exec(await response.text())?.[1] ?? 0);
};
const failedEvents = async () =>
  (await eventsOf(world.owner, alice.caller.orgId, 'secret.read')).filter(
    ({ details }) => details['outcome'] === 'failed',
  );

/** Reads everything in one batch: what became of the target, while what does not depend on the row is as ever. */
async function outcome(table: string): Promise<Outcome> {
  const alarms = await damagedCount();
  const [target, beside, far] = await readThem();
  expect(far).toEqual(baseline[2]);
  if (!OF_VAULT.has(table)) expect(beside).toEqual(baseline[1]);
  const damaged = (await damagedCount()) - alarms;
  const found = outcomeOf(target as Answer<ReadAnswer>);
  const failed = [target, beside].filter((answer) => answer?.error?.code === 'internal').length;
  expect([found, damaged]).toEqual([found, failed]);
  return found;
}

function outcomeOf(answer: Answer<ReadAnswer>): Outcome {
  if (answer.error) return answer.error.code === 'internal' ? 'damaged' : (answer.error.code as Outcome);
  expect(answer).toEqual(baseline[0]);
  return 'same';
}

let baseline: Answer<ReadAnswer>[];

describe('a read of which a row was changed behind the back of the service', () => {
  beforeEach(async () => {
    baseline = await readThem();
    expect(baseline).toEqual(PATHS.map((path) => expect.objectContaining({ text: `value of ${path}` })));
  });

  it('depends on no column that nobody thought about', () => {
    const known = Object.entries(COLUMNS).flatMap(([table, names]) =>
      Object.keys(names).map((name) => `${table}.${name}`),
    );
    expect(columns.map(({ table, name }) => `${table}.${name}`).sort()).toEqual(known.sort());
    expect(columns.filter(({ type }) => CHANGES[type] === undefined)).toEqual([]);
  });

  it.each(Object.keys(COLUMNS))('fails cleanly or answers the same, whatever is changed in %s', async (table) => {
    for (const column of columns.filter((each) => each.table === table)) {
      const seen = new Set<Outcome>();
      for (const change of [...CHANGES[column.type]!, 'NULL']) {
        const found = await whileChanged(column, change, () => outcome(table)).catch((error: Error) => {
          // Not even an editor of files can make a key column NULL.
          if (/not-null constraint/.test(error.message)) return undefined;
          throw new Error(`${table}.${column.name} = ${change}: ${error.message}`, { cause: error });
        });
        if (found) seen.add(found);
      }
      expect([column.name, [...seen].sort()]).toEqual([column.name, COLUMNS[table]![column.name]]);
    }
    expect(await readThem()).toEqual(baseline);
  });

  it.each([
    ['secret_versions', 'sealed_value'],
    ['secret_versions', 'wrapped_dek'],
    ['vault_keks', 'wrapped'],
  ])('opens after a change of no byte of %s.%s', async (table, name) => {
    const column = columns.find((each) => each.table === table && each.name === name) as Column;
    const { rows } = await world.owner.query<{ length: number }>(
      `SELECT length(${name}) FROM ${table} WHERE ${ROW[table]}`,
      [vaultId],
    );
    for (let byte = 0; byte < rows[0]!.length; byte += 1) {
      const change = `set_byte(c, ${byte}, get_byte(c, ${byte}) # ${1 << (byte % 8)})`;
      expect([byte, await whileChanged(column, change, async () => outcomeOf((await readThem())[0]!))]).toEqual([
        byte,
        'damaged',
      ]);
    }
    expect(await readThem()).toEqual(baseline);
  });

  it('leaves an event that says which one failed, and does not call it read', async () => {
    const column = columns.find(({ name }) => name === 'type') as Column;
    const before = await failedEvents();
    await whileChanged(column, `'generic'`, readThem);
    const [event, ...others] = (await failedEvents()).slice(before.length);
    expect(others).toEqual([]);
    expect(event?.details).toEqual({
      vault_id: vaultId,
      path: TARGET,
      version: 1,
      outcome: 'failed',
      reason: 'envelope_damaged',
    });
  });
});
