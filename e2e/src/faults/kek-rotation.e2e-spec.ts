import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceName, Stack } from '@oneclaw/stack';
import { eventually } from '../eventually.js';
import { gatewayOf } from '../stacks.js';
import type { KekRotation, Secret } from '../types.js';
import { secretUrl } from '../world.js';
import { asSuperuser } from './database.js';
import { faultStack } from './fault-stack.js';
import { Ledger } from './ledger.js';
import { Load, newTenants, type Tenant } from './load.js';
import { reckon } from './reckoning.js';

const SCENARIO_MS = 180_000;
const BACK_MS = 30_000;
const VAULT_SVCS = 3;
/** Enough for a rotation to take some steps. */
const OLD_VERSIONS = 3000;
const AT_ONCE = 50;

let stack: Stack;
let tenant: Tenant;
/** Of the whole suite, as the vault is. */
const ledger = new Ledger();

beforeAll(async () => {
  stack = await faultStack({ replicas: { 'vault-svc': VAULT_SVCS } });
  [tenant] = (await newTenants(gatewayOf(stack), 1)) as [Tenant];
  for (let index = 0; index < OLD_VERSIONS; index += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, offset) => keepSecret(index + offset)));
  }
}, SCENARIO_MS);

afterAll(() => stack?.stop());

const pathOf = (index: number): string => `old/${index % 600}`;

async function keepSecret(index: number): Promise<void> {
  (await tenant.owner.api.put(secretUrl(tenant.vault, pathOf(index)), { value: `kept ${index % 600}` })).as(201);
}

interface Progress {
  status: string;
  rewrapped: number;
  /** KEKs of the vault. */
  keks: number;
  /** Versions that are not under the current one. */
  left: number;
}

/** As the database has it: no answer is needed, nor a service. */
async function progress(): Promise<Progress> {
  const { rows } = await asSuperuser(stack, 'vault-svc', (client) =>
    client.query<Progress>(
      `SELECT r.status, r.rewrapped::int, (SELECT count(*)::int FROM vault_keks WHERE vault_id = $1) AS keks,
        (SELECT count(*)::int FROM secret_versions sv JOIN vault_keks k ON k.id = sv.kek_id
          WHERE k.vault_id = $1 AND NOT k.is_current) AS left
       FROM kek_rotations r WHERE r.vault_id = $1 ORDER BY r.created_at DESC LIMIT 1`,
      [tenant.vault.id],
    ),
  );
  return rows[0]!;
}

async function rotate(): Promise<void> {
  (await tenant.owner.api.post(`/v1/vaults/${tenant.vault.id}/rotate-kek`)).as<KekRotation>(202);
}

/** Kills in the midst of a rotation, whoever works on it. Answers what was done by then. */
async function killMidway(names: readonly ServiceName[], beyond: number): Promise<Progress> {
  await eventually('the rotation is under way', BACK_MS, async () =>
    (await progress()).rewrapped > beyond ? true : undefined,
  );
  const doomed = stack.services.filter(({ name }) => names.includes(name));
  await Promise.all(doomed.map((service) => service.kill()));
  return await progress();
}

async function startAgain(names: readonly ServiceName[]): Promise<void> {
  const gone = stack.services.filter(({ name, running }) => names.includes(name) && !running);
  await Promise.all(gone.map((service) => service.start()));
}

async function completed(): Promise<void> {
  await eventually('the rotation completes', BACK_MS, async () =>
    (await progress()).status === 'completed' ? true : undefined,
  );
  expect(await progress()).toMatchObject({ status: 'completed', keks: 1, left: 0 });
}

async function everythingOldReads(): Promise<void> {
  for (let index = 0; index < 600; index += AT_ONCE) {
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, offset) =>
        tenant.owner.api.get(secretUrl(tenant.vault, pathOf(index + offset))),
      ),
    );
    expect(answers.map((answer) => answer.as<Secret>(200).value)).toEqual(
      Array.from({ length: AT_ONCE }, (_, offset) => `kept ${index + offset}`),
    );
  }
}

describe('a rotation of a vault’s key, while people read and write', () => {
  it.each<[string, ServiceName[]]>([
    ['every vault-svc', ['vault-svc']],
    ['crypto-svc', ['crypto-svc']],
    ['crypto-svc and every vault-svc', ['crypto-svc', 'vault-svc']],
  ])(
    'survives the death of %s midway, ends by itself and loses nothing',
    async (_, names) => {
      const load = new Load([tenant], ledger);
      try {
        await load.acknowledged(20);
        await rotate();
        const then = await killMidway(names, 200);
        expect(then).toMatchObject({ status: 'running', keks: 2 });
        expect(then.left).toBeGreaterThan(0);
        await load.begun(10);
        await startAgain(names);
        await load.acknowledged(40, BACK_MS);
        await completed();
      } finally {
        await load.stop();
      }
      await everythingOldReads();
      expect(await reckon(stack, [tenant], ledger, { usage: 'shared' })).toEqual([]);
    },
    SCENARIO_MS,
  );

  it(
    'goes on with whoever is left when one vault-svc after the other is killed',
    async () => {
      await rotate();
      for (const [index, beyond] of [200, 600].entries()) {
        await eventually('the rotation goes on', BACK_MS, async () =>
          (await progress()).rewrapped > beyond ? true : undefined,
        );
        await stack.service('vault-svc', index).kill();
      }
      await completed();
      await everythingOldReads();
      await startAgain(['vault-svc']);
    },
    SCENARIO_MS,
  );
});
