import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceName, Stack } from '@oneclaw/stack';
import { FullDisk } from '@oneclaw/testing';
import type { Answer } from '../answer.js';
import { gatewayOf } from '../stacks.js';
import { trailWith } from '../trail.js';
import type { Secret, Vault } from '../types.js';
import { newVault, secretUrl } from '../world.js';
import { asSuperuser, lockTables, usePreparedLog } from './database.js';
import { faultStack } from './fault-stack.js';
import { Ledger } from './ledger.js';
import { Load, newTenants, type Tenant } from './load.js';
import { reckon } from './reckoning.js';

const SCENARIO_MS = 120_000;
const BACK_MS = 30_000;
const VALUE = 'a value that nobody may see';

let stack: Stack;
let disk: FullDisk;
let tenant: Tenant;

beforeAll(async () => {
  disk = new FullDisk();
  stack = await faultStack({ durable: true, env: { postgres: disk.env } });
  [tenant] = (await newTenants(gatewayOf(stack), 1)) as [Tenant];
  for (const path of ['a', 'b']) (await tenant.owner.api.put(secretUrl(tenant.vault, path), { value: VALUE })).as(201);
});

afterAll(async () => {
  await stack?.stop();
  disk?.destroy();
});

/** A clean "not now": and nothing of the secret in it, in whatever disguise. */
function expectUnavailable(answer: Answer): void {
  expect(answer.refused(503).detail).not.toBe('');
  expect(answer.header('retry-after')).toMatch(/^[1-9]\d*$/);
  for (const encoding of ['utf8', 'base64', 'hex'] as const)
    expect(answer.text).not.toContain(Buffer.from(VALUE).toString(encoding));
}

function inDatabase(name: ServiceName, ...statements: string[]): Promise<void> {
  return asSuperuser(stack, name, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

interface Refusal {
  name: string;
  /** Makes the outbox of a service refuse rows; answers how to heal it. */
  start: (service: ServiceName) => Promise<() => Promise<unknown>>;
}

const REFUSALS: Refusal[] = [
  {
    name: 'a trigger raises an error',
    start: async (service) => {
      await inDatabase(
        service,
        `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$`,
        'CREATE TRIGGER refuse BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION refuse()',
      );
      return () => inDatabase(service, 'DROP FUNCTION refuse CASCADE');
    },
  },
  {
    name: 'the right to insert is gone',
    start: async (service) => {
      const role = { 'vault-svc': 'oneclaw_vault', 'auth-svc': 'oneclaw_auth' }[service as string];
      await inDatabase(service, `REVOKE INSERT ON outbox FROM ${role}`);
      return () => inDatabase(service, `GRANT INSERT ON outbox TO ${role}`);
    },
  },
  {
    name: 'somebody holds a lock on it for long',
    start: (service) => lockTables(stack, service, ['outbox']),
  },
];

describe.each(REFUSALS)('while Postgres takes no event because $name', ({ start }) => {
  let heal: () => Promise<unknown> = async () => undefined;

  afterEach(async () => {
    await heal();
    heal = async () => undefined;
  });

  it('nothing is read, written, created or deleted, what needs no event goes on, and afterwards all works', async () => {
    const { owner, vault } = tenant;
    const secret = secretUrl(vault, 'a');
    const other = await newVault(owner);
    const before = (await owner.api.get(secret)).as<Secret>(200);
    heal = await start('vault-svc');

    const answers = await Promise.all([
      owner.api.get(secret),
      owner.api.get(`${secret}?version=1`),
      owner.api.get(`/v1/vaults/${vault.id}/secrets`),
      owner.api.get(secretUrl(vault, 'never/written')),
      owner.api.put(secret, { value: `${VALUE}, again` }),
      owner.api.put(secretUrl(vault, 'new'), { value: VALUE }),
      owner.api.delete(secretUrl(vault, 'b')),
      owner.api.post('/v1/vaults', { name: 'not to be' }),
      owner.api.delete(`/v1/vaults/${other.id}`),
    ]);
    for (const answer of answers) expectUnavailable(answer);
    const { vaults } = (await owner.api.get('/v1/vaults')).as<{ vaults: Vault[] }>(200);
    expect(vaults.map(({ name }) => name)).not.toContain('not to be');
    expect(vaults.map(({ id }) => id)).toContain(other.id);
    (await owner.api.get(`/v1/vaults/${vault.id}/policies`)).as(200);
    (await owner.api.get('/v1/audit/events')).as(200);
    (await owner.api.get('/v1/agents')).as(200);

    await heal();
    heal = async () => undefined;
    expect((await owner.api.get(secret)).as<Secret>(200)).toEqual(before);
    (await owner.api.get(secretUrl(vault, 'b'))).as<Secret>(200);
    (await owner.api.get(secretUrl(vault, 'new'))).refused(404);
    (await owner.api.put(secretUrl(other, 'a'), { value: 'v' })).as(201);
  });

  it('nobody logs in, and afterwards everybody does', async () => {
    const { agent, owner } = tenant;
    const api = owner.api.as(undefined);
    const asAgent = () => api.post('/v1/auth/agent-token', { agent_id: agent.id, api_key: agent.apiKey });
    const asPerson = () => api.post('/v1/auth/token', { email: owner.email, password: owner.password });
    heal = await start('auth-svc');

    for (const answer of await Promise.all([asAgent(), asPerson()])) {
      expectUnavailable(answer);
      expect(answer.text).not.toContain('eyJ');
    }
    (await owner.api.get(secretUrl(tenant.vault, 'a'))).as<Secret>(200);

    await heal();
    heal = async () => undefined;
    (await asAgent()).as(200);
    (await asPerson()).as(200);
  });
});

describe('while the disk under Postgres is full', () => {
  afterEach(() => disk.free());

  it(
    'what does not fit is refused whole, nothing is lost, and all works once there is room',
    async () => {
      const tenants = await newTenants(gatewayOf(stack), 2);
      const ledger = new Ledger();
      const load = new Load(tenants, ledger, { valueBytes: 40_000, perSecond: 60 });
      try {
        await load.acknowledged(20);
        disk.fill();
        await load.failed(30);
        disk.free();
        await load.acknowledged(20, BACK_MS);
      } finally {
        await load.stop();
      }
      expect(await reckon(stack, tenants, ledger)).toEqual([]);
    },
    SCENARIO_MS,
  );

  it(
    'so that it cannot even go on with its log and panics, nothing is lost, and all works once it is back',
    async () => {
      const tenants = await newTenants(gatewayOf(stack), 2);
      const ledger = new Ledger();
      const load = new Load(tenants, ledger, { perSecond: 60 });
      try {
        await load.acknowledged(20);
        disk.fill();
        await usePreparedLog(stack);
        await load.failed(20);
        disk.free();
        if (!stack.postgres.running) await stack.postgres.start();
        await load.acknowledged(20, BACK_MS);
      } finally {
        await load.stop();
      }
      expect(stack.postgres.child.logs()).toContain('PANIC');
      expect(await reckon(stack, tenants, ledger)).toEqual([]);
    },
    SCENARIO_MS,
  );
});

describe('where somebody has changed rows', () => {
  let vault: Vault;

  beforeAll(async () => {
    vault = await newVault(tenant.owner);
    for (const path of ['swapped/a', 'swapped/b', 'value', 'key', 'kind', 'old', 'rolled/back', 'whole'])
      (await tenant.owner.api.put(secretUrl(vault, path), { value: `${VALUE}: ${path}` })).as(201);
    for (const path of ['old', 'rolled/back'])
      (await tenant.owner.api.put(secretUrl(vault, path), { value: `${VALUE}: newer` })).as(201);
  });

  const versionOf = (path: string, version = 1): string =>
    `secret_versions WHERE version = ${version} AND secret_id = (SELECT id FROM secrets WHERE vault_id = '${vault.id}' AND path = '${path}')`;
  const flip = (column: string): string =>
    `${column} = set_byte(${column}, length(${column}) - 1, get_byte(${column}, length(${column}) - 1) # 1)`;
  const update = (path: string, assignment: string): string =>
    versionOf(path).replace('secret_versions', `UPDATE secret_versions SET ${assignment}`);

  it.each<[string, string[], () => string[]]>([
    [
      'swapped two secrets',
      ['swapped/a', 'swapped/b'],
      () => [
        `CREATE TEMP TABLE kept AS SELECT * FROM ${versionOf('swapped/a')}`,
        update(
          'swapped/a',
          `(wrapped_dek, sealed_value) = (SELECT wrapped_dek, sealed_value FROM ${versionOf('swapped/b')})`,
        ),
        update('swapped/b', '(wrapped_dek, sealed_value) = (SELECT wrapped_dek, sealed_value FROM kept)'),
      ],
    ],
    ['flipped a bit of a ciphertext', ['value'], () => [update('value', flip('sealed_value'))]],
    ['flipped a bit of a wrapped key', ['key'], () => [update('key', flip('wrapped_dek'))]],
    ['changed what kind of secret it is', ['kind'], () => [update('kind', `type = 'note'`)]],
    [
      'put an older version in the place of a newer one',
      ['old'],
      () => [
        versionOf('old', 2).replace(
          'secret_versions',
          `UPDATE secret_versions SET (wrapped_dek, sealed_value) = (SELECT wrapped_dek, sealed_value FROM ${versionOf('old')})`,
        ),
      ],
    ],
  ])('and %s, those fail without a word about why, an alarm tells, and the others read', async (_, paths, damage) => {
    const { owner } = tenant;
    await inDatabase('vault-svc', ...damage());
    const before = await alarms();

    const damaged = await Promise.all(paths.map((path) => owner.api.get(secretUrl(vault, path))));
    const whole = await Promise.all(Array.from({ length: 5 }, () => owner.api.get(secretUrl(vault, 'whole'))));
    damaged.forEach(expectDamaged);
    for (const answer of whole) expect(answer.as<Secret>(200).value).toBe(`${VALUE}: whole`);
    expect((await alarms()) - before).toBe(paths.length);
    const hsm = await owner.api.get('/v1/health/hsm');
    expect(hsm.as<{ status: string }>(200).status).toBe('ok');
  });

  it('and put a secret back to an earlier version, it reads in no version that is in doubt, and an alarm tells', async () => {
    const { owner } = tenant;
    const url = secretUrl(vault, 'rolled/back');
    await inDatabase(
      'vault-svc',
      `UPDATE secrets SET current_version = 1 WHERE vault_id = '${vault.id}' AND path = 'rolled/back'`,
    );
    const before = await alarmsOf('vault-svc', 'vault_envelope_damaged_total');
    expectDamaged(await owner.api.get(url));
    expectDamaged(await owner.api.get(`${url}?version=2`));
    expect((await alarmsOf('vault-svc', 'vault_envelope_damaged_total')) - before).toBe(2);
    expect((await owner.api.get(secretUrl(vault, 'whole'))).as<Secret>(200).value).toBe(`${VALUE}: whole`);
  });

  it('and flipped a bit of a vault’s key, that vault reads nothing and takes nothing, and the others do', async () => {
    const { owner } = tenant;
    const broken = await newVault(owner);
    (await owner.api.put(secretUrl(broken, 'a'), { value: VALUE })).as(201);
    await inDatabase('vault-svc', `UPDATE vault_keks SET ${flip('wrapped')} WHERE vault_id = '${broken.id}'`);
    const before = await alarms();

    const read = await owner.api.get(secretUrl(broken, 'a'));
    const written = await owner.api.put(secretUrl(broken, 'a'), { value: 'new' });
    for (const answer of [read, written]) expect(answer.refused(500).detail).not.toContain('key');
    expect((await owner.api.get(secretUrl(vault, 'whole'))).as<Secret>(200).value).toBe(`${VALUE}: whole`);
    (await owner.api.put(secretUrl(vault, 'whole'), { value: `${VALUE}: whole` })).as(201);
    expect(await alarms()).toBeGreaterThan(before);
  });

  it('the trail tells of the read that failed, and does not call it a read', async () => {
    const { owner } = tenant;
    const id = (await owner.api.get(secretUrl(vault, 'key'))).refused(500).instance;
    const events = await trailWith(owner.api, (event) => event.request_id === id);
    expect(events.filter((event) => event.request_id === id)).toMatchObject([
      { action: 'secret.read', details: { outcome: 'failed', path: 'key' } },
    ]);
  });
});

/** An error that tells nothing. */
function expectDamaged(answer: Answer): void {
  expect(answer.refused(500).detail).toBe('Something went wrong on our side. Quote the instance when you report it.');
  expect(answer.text).not.toContain(VALUE);
}

/** What the alarm of crypto-svc has counted. */
function alarms(): Promise<number> {
  return alarmsOf('crypto-svc', 'envelope_damaged_total');
}

async function alarmsOf(service: ServiceName, counter: string): Promise<number> {
  const response = await fetch(`${stack.service(service).adminUrl}/metrics`);
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith(`${counter}{`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
