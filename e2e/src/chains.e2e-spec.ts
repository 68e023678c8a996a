import { randomInt } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { trailWith } from './trail.js';
import type { Chain } from './types.js';
import { gateway, gateways, newAgent, newApiKey, newMember, newOwner, platformAdmin, type Owner } from './world.js';

const SECOND = 1000;
const SECRET = 'https://node.example/v3/key-of-the-provider';

let admin: Owner;
beforeAll(async () => (admin = await platformAdmin()));

const listed = async (): Promise<Chain[]> => (await gateway().get('/v1/chains')).as<{ chains: Chain[] }>(200).chains;
const all = async (): Promise<Chain[]> => (await admin.api.get('/v1/admin/chains')).as<{ chains: Chain[] }>(200).chains;

async function newChain(fields: Record<string, unknown> = {}): Promise<Chain> {
  const chain_id = randomInt(1_000_000_000, 2_000_000_000);
  const body = { name: `chain-${chain_id}`, display_name: 'A chain', chain_id, ...fields };
  return (await admin.api.post('/v1/admin/chains', body)).as<Chain>(201);
}

const update = async ({ id }: Chain, body: unknown): Promise<Chain> =>
  (await admin.api.put(`/v1/admin/chains/${id}`, body)).as<Chain>(200);

const SEEDED = {
  ethereum: 1,
  optimism: 10,
  cronos: 25,
  bnb: 56,
  gnosis: 100,
  polygon: 137,
  sonic: 146,
  fantom: 250,
  zksync: 324,
  'world-chain': 480,
  metis: 1088,
  'polygon-zkevm': 1101,
  moonbeam: 1284,
  sei: 1329,
  mantle: 5000,
  kaia: 8217,
  base: 8453,
  mode: 34443,
  'arbitrum-one': 42161,
  'arbitrum-nova': 42170,
  celo: 42220,
  avalanche: 43114,
  linea: 59144,
  berachain: 80094,
  blast: 81457,
  taiko: 167000,
  scroll: 534352,
  zora: 7777777,
  sepolia: 11155111,
  'base-sepolia': 84532,
};

describe('GET /v1/chains', () => {
  it('has the thirty chains, for anybody, whatever token comes along', async () => {
    const chains = (await gateway().as('nonsense').get('/v1/chains')).as<{ chains: Chain[] }>(200).chains;
    expect(Object.fromEntries(chains.map(({ name, chain_id }) => [name, chain_id]))).toMatchObject(SEEDED);
    const testnets = chains.filter(({ is_testnet, name }) => is_testnet && name in SEEDED);
    expect(testnets.map(({ name }) => name).sort()).toEqual(['base-sepolia', 'sepolia']);
  });

  it('finds one by name, chain id and UUID, in whatever case', async () => {
    const base = (await gateway().get('/v1/chains/base')).as<Chain>(200);
    expect(base).toMatchObject({ name: 'base', chain_id: 8453, native_currency: 'ETH', is_enabled: true });
    for (const identifier of ['8453', base.id, base.id.toUpperCase(), 'BASE'])
      expect((await gateway().get(`/v1/chains/${identifier}`)).as<Chain>(200)).toEqual(base);
    for (const identifier of ['nothing', '99999999999', '0', '00000000-0000-7000-8000-000000000000'])
      (await gateway().get(`/v1/chains/${identifier}`)).refused(404);
  });
});

describe('the registry', () => {
  it('shows the URLs of a node only where they are public, but to admins', async () => {
    const chain = await newChain({ rpc_url: SECRET, ws_url: 'wss://node.example/key' });
    expect(chain).toMatchObject({ rpc_url: SECRET, ws_url: 'wss://node.example/key', is_rpc_public: false });
    const url = `/v1/chains/${chain.name}`;
    const seen = async (at: number) => {
      const answer = await gateways()[at]!.get(url);
      return answer.status === 200 ? answer.as<Chain>(200) : undefined;
    };
    const { value } = await eventually('the other gateway knows the chain', 5 * SECOND, () => seen(1));
    for (const each of [value, await seen(0), (await listed()).find(({ id }) => id === chain.id)]) {
      expect(each).toMatchObject({ id: chain.id });
      expect(JSON.stringify(each)).not.toContain('node.example');
    }
    expect((await all()).find(({ id }) => id === chain.id)).toMatchObject({ rpc_url: SECRET });
    await update(chain, { is_rpc_public: true });
    await eventually('the URLs are public', 5 * SECOND, async () =>
      (await seen(1))?.rpc_url === SECRET && (await seen(0))?.rpc_url === SECRET ? true : undefined,
    );
    expect(await update(chain, { rpc_url: null })).toMatchObject({ ws_url: 'wss://node.example/key' });
    expect((await all()).find(({ id }) => id === chain.id)?.rpc_url ?? null).toBeNull();
  });

  it('is changed by part, by any identifier, and hides what is not enabled', async () => {
    const chain = await newChain();
    for (const identifier of [chain.id, chain.name, chain.chain_id]) {
      const display_name = `Called ${identifier}`;
      const answer = await admin.api.put(`/v1/admin/chains/${identifier}`, { display_name, name: 'x', chain_id: 1 });
      expect(answer.as<Chain>(200)).toMatchObject({ id: chain.id, name: chain.name, display_name });
    }
    await update(chain, { is_enabled: false });
    await eventually('it is hidden', 5 * SECOND, async () =>
      (await gateway().get(`/v1/chains/${chain.name}`)).status === 404 ? true : undefined,
    );
    expect((await all()).map(({ id }) => id)).toContain(chain.id);
    (await admin.api.delete(`/v1/admin/chains/${chain.chain_id}`)).empty();
    (await admin.api.delete(`/v1/admin/chains/${chain.chain_id}`)).refused(404);
    (await admin.api.put(`/v1/admin/chains/${chain.id}`, {})).refused(404);
    expect((await all()).map(({ id }) => id)).not.toContain(chain.id);
  });

  it('has a name and a chain id once', async () => {
    const { name, chain_id } = await newChain();
    const post = (body: unknown) => admin.api.post('/v1/admin/chains', body);
    (await post({ name, display_name: 'x', chain_id: chain_id + 1 })).refused(409);
    (await post({ name: `${name}-2`, display_name: 'x', chain_id })).refused(409);
  });

  it.each([
    [{ name: 'Upper' }, 'name'],
    [{ name: '123' }, 'name'],
    [{ chain_id: 0 }, 'chain_id'],
    [{ chain_id: '1' }, 'chain_id'],
    [{ display_name: undefined }, 'display_name'],
    [{ rpc_url: 'ftp://node.example' }, 'rpc_url'],
    [{ ws_url: 'https://node.example' }, 'ws_url'],
    [{ explorer_url: 'javascript:alert(1)' }, 'explorer_url'],
    [{ is_testnet: 'no' }, 'is_testnet'],
  ])('refuses %j', async (fields, field) => {
    const body = { name: 'never', display_name: 'Never', chain_id: 999_999_998, ...fields };
    (await admin.api.post('/v1/admin/chains', body)).invalid(field);
  });

  it('is in the hands of those who run the installation', async () => {
    const stranger = await newOwner();
    const scoped = admin.api.as((await newApiKey(admin, { scopes: ['vaults:*'] })).api_key);
    const others = [stranger.api, (await newMember(admin)).api, (await newAgent(stranger)).api, scoped];
    for (const api of others) {
      (await api.get('/v1/admin/chains')).refused(403);
      (await api.post('/v1/admin/chains', { name: 'a', display_name: 'A', chain_id: 2 })).refused(403);
      (await api.put('/v1/admin/chains/ethereum', { is_enabled: false })).refused(403);
      (await api.delete('/v1/admin/chains/ethereum')).refused(403);
    }
    (await gateway().get('/v1/chains/ethereum')).as(200);
  });

  it('leaves its changes in the trail, without the URLs', async () => {
    const chain = await newChain({ rpc_url: SECRET });
    await update(chain, { rpc_url: `${SECRET}-2` });
    (await admin.api.delete(`/v1/admin/chains/${chain.id}`)).empty();
    const wanted = ['admin.create_chain', 'admin.update_chain', 'admin.delete_chain'].map(
      (action) => (event: { action: string; resource_id?: string | null }) =>
        event.action === action && event.resource_id === chain.id,
    );
    const events = await trailWith(admin.api, ...wanted);
    expect(JSON.stringify(events)).not.toContain('key-of-the-provider');
  });
});
