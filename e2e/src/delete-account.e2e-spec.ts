import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import pg from 'pg';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { gatewayOf, ownStack } from './stacks.js';
import { gateway, newAgent, newOwner, newVault, secretUrl, type Owner } from './world.js';

const SECOND = 1000;
const PHRASE = 'DELETE MY ACCOUNT';

const remove = (api: Api, body: unknown = { confirmation: PHRASE }) => api.send('DELETE', '/v1/auth/me', body);

/** An org with something of everything. */
async function furnished(at: Api): Promise<{ owner: Owner; agent: Api; url: string }> {
  const owner = await newOwner(at);
  const vault = await newVault(owner);
  const url = secretUrl(vault, 'a');
  (await owner.api.put(url, { value: 'v' })).as(201);
  const { api: agent } = await newAgent(owner, [{ vault, pattern: 'a' }]);
  (await agent.get(url)).as(200);
  return { owner, agent, url };
}

describe('DELETE /v1/auth/me', () => {
  it('ends the account, its tokens and the agents of an org of its own', async () => {
    const { owner, agent, url } = await furnished(gateway());
    (await remove(owner.api)).empty();
    await eventually('both tokens are refused', SECOND, async () => {
      const [me, secret] = [await owner.api.get('/v1/auth/me'), await agent.get(url)];
      return me.status === 401 && secret.status === 401 ? true : undefined;
    });
    const { email, password } = owner;
    (await gateway().post('/v1/auth/token', { email, password })).refused(401);
    (await gateway().post('/v1/auth/signup', { email, password })).as(200);
  });

  it('takes the phrase under its other name too', async () => {
    const { api } = await newOwner();
    (await remove(api, { confirm: PHRASE })).empty();
  });

  it.each([{}, { confirmation: 'delete my account' }, { confirmation: null }, { confirm: '' }])(
    'is not confirmed by %j',
    async (body) => {
      const { api } = await newOwner();
      (await remove(api, body)).invalid('confirmation');
      (await api.get('/v1/auth/me')).as(200);
    },
  );

  it('wants the phrase as text, in a body', async () => {
    const { api } = await newOwner();
    (await remove(api, { confirmation: true })).invalid('confirmation');
    (await api.delete('/v1/auth/me')).refused(400);
  });

  it('is not for agents', async () => {
    const agent = await newAgent(await newOwner());
    (await remove(agent.api)).refused(403);
  });
});

describe('what hangs on a deleted account', () => {
  let stack: Stack;
  let vaults: pg.Client;
  let api: Api;
  let bystander: Owner;

  beforeAll(async () => {
    stack = await ownStack();
    api = gatewayOf(stack);
    bystander = await newOwner(api);
    vaults = new pg.Client({ connectionString: stack.databaseUrl('vault-svc', 'superuser') });
    await vaults.connect();
  });
  afterAll(async () => {
    await vaults?.end();
    await stack?.stop();
  });

  /** Everybody has found again whom a test before has killed: the gateway both services, and auth-svc vault-svc. */
  beforeEach(async () => {
    await eventually('everything serves', 30 * SECOND, async () => {
      const vault = await bystander.api.post('/v1/vaults', { name: 'a probe' });
      const agent = await bystander.api.post('/v1/agents', { name: 'a probe' });
      return vault.status === 201 && agent.status === 201 ? true : undefined;
    });
  });

  /** Wrapped keys and policies that are left of an org. */
  async function remains(orgId: string): Promise<{ keks: number; policies: number }> {
    const { rows } = await vaults.query<{ keks: number; policies: number }>(
      `SELECT (SELECT count(*)::int FROM vaults v JOIN vault_keks k ON k.vault_id = v.id WHERE v.org_id = $1 AND k.wrapped IS NOT NULL) AS keks,
              (SELECT count(*)::int FROM policies WHERE org_id = $1) AS policies`,
      [orgId],
    );
    return rows[0]!;
  }

  async function gone(orgId: string): Promise<void> {
    await eventually('no key and no policy is left', 30 * SECOND, async () => {
      const { keks, policies } = await remains(orgId);
      return keks === 0 && policies === 0 ? true : undefined;
    });
  }

  it('is shredded in vault-svc', async () => {
    const { owner } = await furnished(api);
    expect(await remains(owner.orgId)).toEqual({ keks: 2, policies: 1 });
    (await remove(owner.api)).empty();
    await gone(owner.orgId);
  });

  it('is shredded though vault-svc was killed before', async () => {
    const { owner } = await furnished(api);
    await stack.service('vault-svc').kill('SIGKILL');
    (await remove(owner.api)).empty();
    expect(await remains(owner.orgId)).toEqual({ keks: 2, policies: 1 });
    await stack.service('vault-svc').start();
    await gone(owner.orgId);
  });

  it('is shredded though auth-svc was killed the moment it had answered, and NATS was away', async () => {
    const { owner } = await furnished(api);
    await stack.nats.stop();
    (await remove(owner.api)).empty();
    await stack.service('auth-svc').kill('SIGKILL');
    await stack.nats.start();
    await stack.service('auth-svc').start();
    await gone(owner.orgId);
  });

  it('is wholly there, or wholly on its way out, when auth-svc is killed in the middle', async () => {
    const { owner } = await furnished(api);
    const answer = remove(owner.api).then(
      ({ status }) => status,
      () => undefined,
    );
    await stack.service('auth-svc').kill('SIGKILL');
    const status = await answer;
    await stack.service('auth-svc').start();
    const { email, password } = owner;
    const { value: logIn } = await eventually('auth-svc is found again', 30 * SECOND, async () => {
      const tried = await api.post('/v1/auth/token', { email, password });
      return tried.status === 503 ? undefined : tried;
    });
    if (status === 204 || logIn.status === 401) return gone(owner.orgId);
    logIn.as(200);
    expect(await remains(owner.orgId)).toEqual({ keks: 2, policies: 1 });
  });
});
