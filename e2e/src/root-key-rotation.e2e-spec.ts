import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import { challengeOf, newOwnerWithMfa } from './authenticator.js';
import { eventually } from './eventually.js';
import { asSuperuser } from './faults/database.js';
import { faultStack } from './faults/fault-stack.js';
import { Ledger } from './faults/ledger.js';
import { Load, newTenants, type Tenant } from './faults/load.js';
import { reckon } from './faults/reckoning.js';
import { gatewayOf } from './stacks.js';
import type { Secret, Vault } from './types.js';
import { newOwner, newVault, secretUrl, type Owner } from './world.js';

const HSM_CLI = fileURLToPath(new URL('../../apps/crypto-svc/dist/hsm/hsm-cli.js', import.meta.url));
const SECOND = 1000;
const SCENARIO_MS = 180 * SECOND;
/** More KEKs than are rewrapped in one step. */
const VAULTS = 250;

let stack: Stack;
let owner: Owner;
let vaults: Vault[];
let tenants: Tenant[];

beforeAll(async () => {
  const env = { 'billing-svc': { DEFAULT_TIER: 'enterprise' } };
  stack = await faultStack({ mtls: true, env, replicas: { 'vault-svc': 2, 'auth-svc': 2, 'crypto-svc': 2 } });
  tenants = await newTenants(gatewayOf(stack), 1);
  owner = await newOwner(gatewayOf(stack));
  vaults = [];
  while (vaults.length < VAULTS) vaults.push(...(await Promise.all(Array.from({ length: 25 }, () => newVault(owner)))));
  for (const vault of [vaults[0]!, vaults[VAULTS - 1]!])
    (await owner.api.put(secretUrl(vault, 'a'), { value: `of ${vault.id}` })).as(201);
}, SCENARIO_MS);
afterAll(() => stack?.stop());

/** As an operator runs `npm run hsm -- …` beside the stack. */
function hsm(...args: string[]) {
  return [process.execPath, [`--env-file=${stack.state.at('env', 'operator.env')}`, HSM_CLI, ...args]] as const;
}

async function runHsm(...args: string[]): Promise<string> {
  return (await promisify(execFile)(...hsm(...args))).stdout;
}

const rootKeys = async (): Promise<string[]> =>
  (await runHsm('status')).split('\n').filter((label) => label.startsWith('oneclaw-root'));

/** KEKs by the generation of their root key, those of auth-svc too. */
async function keksByGeneration(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [service, table] of [
    ['vault-svc', 'vault_keks'],
    ['auth-svc', 'sealing_keks'],
  ] as const) {
    const { rows } = await asSuperuser(stack, service, (client) =>
      client.query<{ generation: number; count: number }>(
        `SELECT root_generation AS generation, count(*)::int FROM ${table} WHERE wrapped IS NOT NULL GROUP BY 1`,
      ),
    );
    for (const { generation, count } of rows) counts[generation] = (counts[generation] ?? 0) + count;
  }
  return counts;
}

/** What the health route says, until it is told to stop; "200 ok" once each time. */
async function watchHealth(until: AbortSignal): Promise<Set<string>> {
  const seen = new Set<string>();
  while (!until.aborted) {
    const answer = await gatewayOf(stack).get('/v1/health/hsm');
    seen.add(`${answer.status} ${(answer.json as { status: string }).status}`);
  }
  return seen;
}

describe('rotating the root key of the HSM', () => {
  it(
    'moves everything while people read and write, goes on where it was killed, and destroys the old key',
    async () => {
      const careful = await newOwnerWithMfa(gatewayOf(stack));
      const pids = stack.services.map(({ pid }) => pid);
      const ledger = new Ledger();
      const load = new Load(tenants, ledger);
      const watching = new AbortController();
      const health = watchHealth(watching.signal);
      try {
        await load.acknowledged(20);
        const first = spawn(...hsm('rotate-root-key'));
        await eventually('it is under way', 30 * SECOND, async () =>
          (await keksByGeneration())['2'] ? true : undefined,
        );
        first.kill('SIGKILL');
        await once(first, 'exit');
        expect(await rootKeys()).toEqual(['oneclaw-root-1', 'oneclaw-root-2']);

        const said = await runHsm('rotate-root-key');
        expect(said).toContain('that rotation goes on');
        expect(said).toContain('vault-svc: everything is under it.');
        expect(said).toContain('auth-svc: everything is under it.');
        expect(said.trim().split('\n').at(-1)).toBe('Destroyed oneclaw-root-1.');
        expect(await rootKeys()).toEqual(['oneclaw-root-2']);
        await load.acknowledged(40);
      } finally {
        await load.stop();
        watching.abort();
      }
      expect(await health).toEqual(new Set(['200 ok']));
      expect(Object.keys(await keksByGeneration())).toEqual(['2']);
      for (const vault of [vaults[0]!, vaults[VAULTS - 1]!])
        expect((await owner.api.get(secretUrl(vault, 'a'))).as<Secret>(200).value).toBe(`of ${vault.id}`);
      const proof = { mfa_token: await challengeOf(careful), code: careful.authenticator.next() };
      (await gatewayOf(stack).post('/v1/auth/mfa/verify', proof)).as(200);
      expect(stack.services.map(({ pid }) => pid)).toEqual(pids);
      expect(ledger.unknown).toBe(0);
      expect(await reckon(stack, tenants, ledger)).toEqual([]);
    },
    SCENARIO_MS,
  );

  it(
    'outlives the services, killed and started again meanwhile, and keeps the old key when told to',
    async () => {
      const before = await rootKeys();
      const rotating = promisify(execFile)(...hsm('rotate-root-key', '--keep-old-key'));
      for (const name of ['vault-svc', 'crypto-svc', 'auth-svc'] as const) {
        const replicas = stack.services.filter((service) => service.name === name);
        await Promise.all(replicas.map((service) => service.kill()));
        await Promise.all(replicas.map((service) => service.start()));
      }
      expect((await rotating).stdout).toContain('Older root keys stay on the token.');
      expect(await rootKeys()).toEqual([...before, 'oneclaw-root-3']);
      expect(Object.keys(await keksByGeneration())).toEqual(['3']);
      await runHsm('rotate-root-key');
      expect(await rootKeys()).toEqual(['oneclaw-root-3']);
      expect((await owner.api.get(secretUrl(vaults[0]!, 'a'))).as<Secret>(200).value).toBe(`of ${vaults[0]!.id}`);
    },
    SCENARIO_MS,
  );
});
