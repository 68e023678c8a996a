import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Plan } from '@oneclaw/contracts/billing';
import { eventsOf } from '../testing/events.js';
import { agent, member, owner, type Person } from '../testing/people.js';
import { createVault, fill, grant, put, putAll, read, remove, type Answer } from '../testing/usage.js';
import { startVaultWorld, type Replica, type VaultWorld } from '../testing/vault-world.js';

const LIMIT = 5;

let world: VaultWorld;
let replicas: Replica[];
let alice: Person;

beforeAll(async () => {
  world = await startVaultWorld();
  replicas = [world, await world.startReplica(), await world.startReplica()];
});
afterAll(() => world.close());
beforeEach(() => {
  alice = owner(world.keys);
});

const setPlan = (plan: Partial<Plan>) =>
  world.billing.plans.set(alice.caller.orgId, { tier: 'free', exempt: false, cmekAllowed: false, ...plan });
const limitReached = (noun: string, detail = `${LIMIT}/${LIMIT}`) => ({
  code: 'resource_limit_exceeded',
  message: `${noun} limit reached (${detail} on free tier). Upgrade your plan for more.`,
});
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
const refusals = async (action: string) =>
  (await eventsOf(world.owner, alice.caller.orgId, action)).filter(({ details }) => details['outcome'] === 'denied');
const settled = async <T>(all: readonly Promise<T>[]) => {
  const outcomes = await Promise.allSettled(all);
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
  return { made: outcomes.length - errors.length, errors };
};

describe('the vaults of an org', () => {
  it('end at the limit, exactly, of 50 parallel creations over three replicas', async () => {
    setPlan({ vaultLimit: LIMIT });
    const { made, errors } = await settled(times(50, (index) => createVault(replicas[index % 3]!, alice)));
    expect(made).toBe(LIMIT);
    expect(new Set(errors.map(({ message }) => message))).toEqual(new Set([limitReached('Vault').message]));
    expect((await world.vaults.listVaults({}, alice.call)).vaults).toHaveLength(LIMIT);
  });

  it('beyond the limit are refused in the trail, and cost no key', async () => {
    setPlan({ vaultLimit: 1 });
    await createVault(world, alice);
    // The HSM could not make one.
    world.keys.state = 'unavailable';
    await expect(createVault(world, alice)).rejects.toMatchObject(limitReached('Vault', '1/1'));
    world.keys.state = 'ok';
    expect(await refusals('vault.create')).toMatchObject([
      { action: 'vault.create', resourceType: 'vault', details: { reason: 'resource_limit_exceeded' } },
    ]);
  });

  it('leave room when one is deleted, and when the plan is better, at once', async () => {
    setPlan({ vaultLimit: 1 });
    const first = await createVault(world, alice);
    await expect(createVault(world, alice)).rejects.toMatchObject({ code: 'resource_limit_exceeded' });
    await world.vaults.deleteVault({ vaultId: first.id }, alice.call);
    await createVault(world, alice);
    setPlan({ tier: 'pro', vaultLimit: 2 });
    await createVault(world, alice);
    await expect(createVault(world, alice)).rejects.toMatchObject({
      message: 'Vault limit reached (2/2 on pro tier). Upgrade your plan for more.',
    });
  });

  it('do not count the one of agent keys, nor those of other orgs', async () => {
    setPlan({ vaultLimit: 1 });
    const agentId = agent(world.keys, alice.caller.orgId).caller.id;
    await world.agentKeys.provisionAgentKeys({ orgId: alice.caller.orgId, agentId }, alice.call);
    await createVault(world, owner(world.keys));
    await createVault(world, alice);
  });

  it('stay as they are when the plan allows less than there are', async () => {
    for (let count = 0; count < 3; count += 1) await createVault(world, alice);
    const other = await world.startReplica();
    setPlan({ vaultLimit: 1 });
    await expect(createVault(other, alice)).rejects.toMatchObject(limitReached('Vault', '3/1'));
    expect((await other.vaults.listVaults({}, alice.call)).vaults).toHaveLength(3);
  });
});

describe('the secrets of an org', () => {
  let vaults: string[];

  beforeEach(async () => {
    setPlan({ secretLimit: LIMIT });
    vaults = [(await createVault(world, alice)).id, (await createVault(world, alice)).id];
  });

  const outcomesOf = (answers: readonly Answer<object>[]) => {
    const errors = answers.flatMap(({ error }) => (error ? [error] : []));
    return { made: answers.length - errors.length, errors };
  };

  it('end at the limit, exactly, of 60 parallel writers over three replicas and two vaults', async () => {
    const answers = await Promise.all(
      times(60, (index) => put(replicas[index % 3]!, alice, vaults[index % 2]!, `s/${index}`)),
    );
    const { made, errors } = outcomesOf(answers);
    expect(made).toBe(LIMIT);
    expect(errors).toHaveLength(55);
    for (const error of errors) expect(error).toMatchObject(limitReached('Secret'));
  });

  it('in one batch are written up to the limit, in their order, and none beyond', async () => {
    const answers = await putAll(
      world,
      times(8, (index) => ({ who: alice, vaultId: vaults[0]!, path: `p/${index}`, value: 'x' })),
    );
    expect(answers.map(({ error }) => error === undefined)).toEqual(times(8, (index) => index < LIMIT));
  });

  it('get new versions at the limit, also in batches with what is refused, and while new ones are tried', async () => {
    for (const path of times(LIMIT, String)) await put(world, alice, vaults[0]!, path);
    const wanted = (path: string) => ({ who: alice, vaultId: vaults[0]!, path, value: 'x' });
    const mixed = await putAll(world, ['0', 'new', '1', '0'].map(wanted));
    expect(mixed.map(({ error }) => error?.code)).toEqual([undefined, 'resource_limit_exceeded', undefined, undefined]);
    const parallel = await Promise.all([
      ...times(30, (index) => put(replicas[index % 3]!, alice, vaults[0]!, String(index % LIMIT))),
      ...times(30, (index) => put(replicas[index % 3]!, alice, vaults[1]!, `new/${index}`)),
    ]);
    expect(parallel.slice(0, 30).filter(({ error }) => error)).toEqual([]);
    expect(outcomesOf(parallel.slice(30)).made).toBe(0);
  });

  it('leave room when one is deleted, which reviving takes again', async () => {
    for (const path of times(LIMIT, String)) await put(world, alice, vaults[0]!, path);
    await remove(world, alice, vaults[0]!, '0');
    expect(await put(world, alice, vaults[1]!, 'instead')).toHaveProperty('version', 1);
    expect((await put(world, alice, vaults[0]!, '0')).error).toMatchObject(limitReached('Secret'));
    await expect(world.writes.restoreSecret({ vaultId: vaults[0]!, path: '0' }, alice.call)).rejects.toMatchObject(
      limitReached('Secret'),
    );
    await remove(world, alice, vaults[1]!, 'instead');
    await world.writes.restoreSecret({ vaultId: vaults[0]!, path: '0' }, alice.call);
    expect(await read(world, alice, vaults[0]!, '0')).toHaveProperty('text', 'value');
  });

  it('revive within the limit only, exactly, of 40 who put back and restore at once', async () => {
    for (const path of times(LIMIT, String)) {
      await put(world, alice, vaults[0]!, path);
      await remove(world, alice, vaults[0]!, path);
    }
    await put(world, alice, vaults[1]!, 'one');
    await put(world, alice, vaults[1]!, 'two');
    const { made } = await settled(
      times(40, async (index) => {
        const [replica, path] = [replicas[index % 3]!, String(index % LIMIT)];
        if (index % 2) return replica.writes.restoreSecret({ vaultId: vaults[0]!, path }, alice.call);
        const { error } = await put(replica, alice, vaults[0]!, path);
        if (error) throw new Error(error.message);
        return undefined;
      }),
    );
    expect(made).toBeGreaterThanOrEqual(3);
    const { rows } = await world.owner.query(
      'SELECT count(*)::int AS live FROM secrets WHERE vault_id = $1 AND deleted_at IS NULL',
      [vaults[0]],
    );
    expect(rows).toEqual([{ live: 3 }]);
  });

  it('that have expired leave room, and are counted again when they are written again', async () => {
    for (const path of times(LIMIT, String)) await put(world, alice, vaults[0]!, path);
    await world.owner.query(
      `UPDATE secret_versions SET expires_at = now() - interval '1 second'
       WHERE secret_id IN (SELECT id FROM secrets WHERE vault_id = $1 AND path IN ('0', '1'))`,
      [vaults[0]],
    );
    expect(await put(world, alice, vaults[1]!, 'a')).toHaveProperty('version', 1);
    expect(await put(world, alice, vaults[0]!, '0')).toHaveProperty('version', 2);
    expect((await put(world, alice, vaults[0]!, '1')).error).toMatchObject(limitReached('Secret'));
  });

  it('go with their vault', async () => {
    for (const path of times(LIMIT, String)) await put(world, alice, vaults[0]!, path);
    await world.vaults.deleteVault({ vaultId: vaults[0]! }, alice.call);
    const answers = await Promise.all(times(LIMIT + 1, (index) => put(world, alice, vaults[1]!, String(index))));
    expect(outcomesOf(answers).made).toBe(LIMIT);
  });

  it('do not count the keys of agents', async () => {
    for (let count = 0; count < 4; count += 1) {
      const agentId = agent(world.keys, alice.caller.orgId).caller.id;
      await world.agentKeys.provisionAgentKeys({ orgId: alice.caller.orgId, agentId }, alice.call);
    }
    const answers = await Promise.all(times(LIMIT + 1, (index) => put(world, alice, vaults[0]!, String(index))));
    expect(outcomesOf(answers).made).toBe(LIMIT);
  });

  it('are refused in the trail beyond the limit, and a precondition that fails takes no room', async () => {
    for (const path of times(LIMIT - 1, String)) await put(world, alice, vaults[0]!, path);
    const ifMatch = { any: false, versions: [3] };
    const preconditions = { ifMatch, ifNoneMatch: undefined };
    const answers = await putAll(world, [
      { who: alice, vaultId: vaults[0]!, path: 'missing', value: 'x', options: { preconditions } },
      { who: alice, vaultId: vaults[0]!, path: 'last', value: 'x' },
      { who: alice, vaultId: vaults[0]!, path: 'beyond', value: 'x' },
    ]);
    expect(answers.map(({ error }) => error?.code)).toEqual([
      'precondition_failed',
      undefined,
      'resource_limit_exceeded',
    ]);
    const refused = await refusals('secret.write');
    expect(refused.map(({ details }) => [details['path'], details['reason']])).toEqual(
      expect.arrayContaining([
        ['missing', 'precondition_failed'],
        ['beyond', 'resource_limit_exceeded'],
      ]),
    );
  });

  it('are refused to those who may not write them before anything is counted', async () => {
    for (const path of times(LIMIT, String)) await put(world, alice, vaults[0]!, path);
    const stranger = member(world.keys, alice.caller.orgId);
    expect((await put(world, stranger, vaults[0]!, 'new')).error).toMatchObject({ code: 'permission_denied' });
    await grant(world, world.keys, alice, vaults[0]!, stranger, { permissions: ['write'] });
    expect((await put(world, stranger, vaults[0]!, 'new')).error).toMatchObject(limitReached('Secret'));
  });

  it('of many are counted fast enough to write one more', async () => {
    setPlan({ tier: 'business', secretLimit: 5000 });
    const fresh = await world.startReplica();
    await fill(world, { vaultId: vaults[0]!, count: 4998 });
    const answers = await Promise.all(times(10, (index) => put(fresh, alice, vaults[1]!, `last/${index}`)));
    expect(outcomesOf(answers).made).toBe(2);
  });
});

describe('while billing-svc is away', () => {
  it('plans that are known go on to bind, and what is written already gets new versions', async () => {
    const known = await world.startReplica();
    setPlan({ vaultLimit: 1, secretLimit: 1 });
    const { id } = await createVault(known, alice);
    await put(known, alice, id, 'a');
    const stranger = await world.startReplica();
    await world.billing.service.close();
    expect((await put(known, alice, id, 'b')).error).toMatchObject({ code: 'resource_limit_exceeded' });
    expect(await put(known, alice, id, 'a')).toHaveProperty('version', 2);
    expect(await put(stranger, alice, id, 'a')).toHaveProperty('version', 3);
    expect((await put(stranger, alice, id, 'b')).error).toMatchObject({ code: 'unavailable' });
  });
});
