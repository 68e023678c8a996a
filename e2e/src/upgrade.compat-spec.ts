import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ServiceName, Stack } from '@oneclaw/stack';
import { SERVICE_BACK_MS } from './faults/deadlines.js';
import { faultStack } from './faults/fault-stack.js';
import { killAndStart, underLoad } from './faults/under-load.js';
import { walkGoldenPath } from './golden-path.js';
import { gatewayOf } from './stacks.js';
import type { Secret } from './types.js';
import { newOwner, type Owner, secretUrl } from './world.js';

const THIS = fileURLToPath(new URL('../..', import.meta.url));
const PREVIOUS = process.env['PREVIOUS_RELEASE'];
const UPGRADES = readFileSync(new URL('../../docs/upgrades.md', import.meta.url), 'utf8');

/** As the document says: who is called goes before who calls. */
const ORDER = /^Order: (.+)\.$/m.exec(UPGRADES)![1]!.split(', ') as ServiceName[];

let stack: Stack;
let owner: Owner;
/** What was written under each mix of releases, in order; each must be read under all that follow. */
const kept: string[] = [];
let vaultId: string;

beforeAll(async () => {
  if (!PREVIOUS) throw new Error('PREVIOUS_RELEASE is not set: run this as `npm run test:compat`.');
  const manyFromHere = { SIGNUPS_PER_HOUR: '100000' };
  stack = await faultStack({ release: PREVIOUS, durable: true, env: { gateway: manyFromHere } });
  owner = await newOwner(gatewayOf(stack));
  vaultId = (await owner.api.post('/v1/vaults', { name: 'kept' })).as<{ id: string }>(201).id;
}, 180_000);

afterAll(() => stack?.stop(), 60_000);

const MIX_MS = 120_000;
const RETRY_MS = 250;

/** Everything that the product is for, and everything that was written before; then one more secret. */
async function works(): Promise<void> {
  // A service of one replica that was replaced may be missed for so long, with 503 and nothing else.
  const giveUpAt = Date.now() + SERVICE_BACK_MS;
  for (;;) {
    try {
      await walkGoldenPath(gatewayOf(stack));
      return await keepWhatWasWritten();
    } catch (error) {
      if (!/ answered 503 /.test((error as Error).message) || Date.now() > giveUpAt) throw error;
      await pause(RETRY_MS);
    }
  }
}

async function keepWhatWasWritten(): Promise<void> {
  const { email, password } = owner;
  const { access_token } = (await gatewayOf(stack).post('/v1/auth/token', { email, password })).as<{
    access_token: string;
  }>(200);
  const api = owner.api.as(access_token);
  for (const value of kept) {
    expect((await api.get(secretUrl({ id: vaultId }, value))).as<Secret>(200).value).toBe(value);
  }
  const next = `written-${kept.length}`;
  (await api.put(secretUrl({ id: vaultId }, next), { value: next })).as(201);
  kept.push(next);
  expect((await api.get('/v1/audit/verify')).as<{ chain_valid: boolean }>(200).chain_valid).toBe(true);
}

/** Replaced, and then killed, while the load goes on. */
async function replace(name: ServiceName, root: string): Promise<void> {
  const service = stack.service(name);
  const complaints = await underLoad(stack, SERVICE_BACK_MS, async (load, ledger) => {
    ledger.toleratesDisconnects = name === 'gateway';
    await service.stop();
    service.runFrom(root);
    await service.start();
    await load.acknowledged(20, SERVICE_BACK_MS);
    await killAndStart(stack, load, [name]);
  });
  expect(complaints).toEqual([]);
}

describe('an upgrade from the previous release', () => {
  it('begins with a system that works', () => works(), MIX_MS);

  it(
    'leaves the previous services working on the new schema',
    async () => {
      await stack.migrate(THIS);
      await works();
    },
    MIX_MS,
  );

  it.each(ORDER)(
    'loses and doubles nothing on the way up, and works in every mix: %s',
    async (name) => {
      await replace(name, THIS);
      await works();
    },
    MIX_MS,
  );

  it.each([...ORDER].reverse())(
    'can be taken back in the same way without taking the schema back: %s',
    async (name) => {
      await replace(name, PREVIOUS!);
      await works();
    },
    MIX_MS,
  );
});

describe('the order of services', () => {
  it('names each service once', () => {
    expect([...ORDER].sort()).toEqual(stack.services.map(({ name }) => name).sort());
  });
});
