import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLATFORM_ORG_ID } from '@oneclaw/caller';
import type { ChainChange } from '@oneclaw/contracts/vault';
import { eventsOf } from '../testing/events.js';
import { agent, member, owner, person, type Person } from '../testing/people.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
let admin: Person;
beforeAll(async () => {
  world = await startVaultWorld();
  admin = owner(world.keys, PLATFORM_ORG_ID);
});
afterAll(() => world.close());

const SECRET = 'https://node.example/v3/a-key-of-the-provider';
const anybody = { requestId: 'x' };
let numbers = 900_000;

const listed = async () => (await world.chains.listChains({}, anybody)).chains;
const all = async () => (await world.chainAdmin.listAllChains({}, admin.call)).chains;

/** A chain of its own. */
async function create(fields: Partial<ChainChange> = {}, by = admin) {
  const chainId = (numbers += 1);
  const request = { name: `chain-${chainId}`, chainId, fields: { displayName: 'A chain', ...fields } };
  return (await world.chainAdmin.createChain(request, by.call)).chain!;
}

const update = async (identifier: string, change: Partial<ChainChange>, by = admin) =>
  (await world.chainAdmin.updateChain({ identifier, change }, by.call)).chain!;
const remove = (identifier: string, by = admin) => world.chainAdmin.deleteChain({ identifier }, by.call);

const SEEDED = `ethereum 1, optimism 10, cronos 25, bnb 56, gnosis 100, polygon 137, sonic 146, fantom 250, zksync 324,
  world-chain 480, metis 1088, polygon-zkevm 1101, moonbeam 1284, sei 1329, mantle 5000, kaia 8217, base 8453, mode 34443,
  arbitrum-one 42161, arbitrum-nova 42170, celo 42220, avalanche 43114, linea 59144, berachain 80094, blast 81457,
  base-sepolia 84532, taiko 167000, scroll 534352, zora 7777777, sepolia 11155111`
  .split(/,\s+/)
  .map((pair) => pair.split(' '));

describe('the registry of chains', () => {
  it('has thirty to begin with, in the order of their ids, and no node of anybody', async () => {
    const chains = await listed();
    expect(chains.map(({ name, chainId }) => [name, String(chainId)])).toEqual(SEEDED);
    expect(chains.filter(({ isTestnet }) => isTestnet).map(({ name }) => name)).toEqual(['base-sepolia', 'sepolia']);
    expect((await all()).filter(({ rpcUrl, wsUrl }) => rpcUrl !== undefined || wsUrl !== undefined)).toEqual([]);
  });

  it('shows URLs of nodes to its admins, and to others where they are public', async () => {
    const chain = await create({ rpcUrl: SECRET, wsUrl: 'wss://node.example' });
    expect(chain).toMatchObject({ rpcUrl: SECRET, isRpcPublic: false });
    const seen = async () => (await listed()).find(({ id }) => id === chain.id);
    expect(await seen()).toMatchObject({ name: chain.name, rpcUrl: undefined, wsUrl: undefined });
    expect((await all()).find(({ id }) => id === chain.id)).toMatchObject({ rpcUrl: SECRET });
    await update(chain.id, { isRpcPublic: true });
    expect(await seen()).toMatchObject({ rpcUrl: SECRET, wsUrl: 'wss://node.example' });
    expect(await update(chain.id, { rpcUrl: '', wsUrl: '' })).toMatchObject({ rpcUrl: undefined, wsUrl: undefined });
  });

  it('hides chains that are not enabled', async () => {
    const chain = await create({ isEnabled: false });
    expect((await listed()).map(({ id }) => id)).not.toContain(chain.id);
    expect((await all()).map(({ id }) => id)).toContain(chain.id);
  });

  it('finds a chain by its id, its number and its name, and changes what is told', async () => {
    const chain = await create({ explorerUrl: 'https://explorer.example', isTestnet: true });
    for (const identifier of [chain.id, String(chain.chainId), chain.name]) {
      const nativeCurrency = `C${identifier.length}`;
      const changed = await update(identifier, { nativeCurrency });
      expect(changed).toMatchObject({ ...chain, nativeCurrency, updatedAt: expect.any(Date) });
      expect(changed.updatedAt!.getTime()).toBeGreaterThan(chain.updatedAt!.getTime());
    }
    await remove(chain.name);
    for (const identifier of [chain.id, '31337', 'nothing', '', "' OR true --"]) {
      await expect(remove(identifier)).rejects.toMatchObject({ code: 'not_found' });
      await expect(update(identifier, {})).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  it('has a name and a number once, also of twenty that come at the same time', async () => {
    const fields = { displayName: 'A chain' };
    const same = (name: string, chainId: number) =>
      world.chainAdmin.createChain({ name, chainId, fields }, admin.call).then(
        () => 'ok',
        ({ code }: { code: string }) => code,
      );
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => same('twenty', 20_202)));
    expect(outcomes.sort()).toEqual([...Array.from({ length: 19 }, () => 'conflict'), 'ok']);
    expect(await same('another', 20_202)).toBe('conflict');
    expect(await same('twenty', 20_203)).toBe('conflict');
  });

  it('is changed by nobody but those who run the installation', async () => {
    const others = [
      owner(world.keys),
      member(world.keys, PLATFORM_ORG_ID),
      agent(world.keys, PLATFORM_ORG_ID),
      person(world.keys, { orgId: PLATFORM_ORG_ID, role: 'owner', sessionKind: 'api_key', areaScopes: ['org:*'] }),
    ];
    const denied = { code: 'permission_denied' };
    for (const by of others) {
      await expect(create({}, by)).rejects.toMatchObject(denied);
      await expect(update('ethereum', { isEnabled: false }, by)).rejects.toMatchObject(denied);
      await expect(remove('ethereum', by)).rejects.toMatchObject(denied);
      await expect(world.chainAdmin.listAllChains({}, by.call)).rejects.toMatchObject(denied);
    }
    expect((await listed()).map(({ name }) => name)).toContain('ethereum');
    const [stranger] = others as [Person];
    expect(await eventsOf(world.owner, stranger.caller.orgId, 'admin.delete_chain')).toMatchObject([
      { details: { outcome: 'denied' } },
    ]);
    await create({}, person(world.keys, { orgId: PLATFORM_ORG_ID, role: 'admin' }));
  });

  it('leaves its changes in the trail, with what was changed and no value', async () => {
    const chain = await create({ rpcUrl: SECRET });
    await update(chain.name, { rpcUrl: `${SECRET}2`, isEnabled: false });
    await remove(String(chain.chainId));
    const about = { name: chain.name, chain_id: chain.chainId };
    const of = async (action: string) =>
      (await eventsOf(world.owner, PLATFORM_ORG_ID, action)).filter(({ resourceId }) => resourceId === chain.id);
    expect(await of('admin.create_chain')).toMatchObject([{ details: about }]);
    expect(await of('admin.update_chain')).toMatchObject([
      { details: { ...about, fields: expect.arrayContaining(['rpc_url', 'is_enabled']) } },
    ]);
    expect(await of('admin.delete_chain')).toMatchObject([{ details: about }]);
    const { rows } = await world.owner.query('SELECT payload FROM outbox WHERE payload IS NOT NULL');
    expect(Buffer.concat(rows.map(({ payload }: { payload: Buffer }) => payload)).includes('a-key-of')).toBe(false);
  });
});
