import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import pg from 'pg';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { gatewayOf, ownStack } from './stacks.js';
import { by, inChainOrder, trailWith } from './trail.js';
import type { AgentCreated, AuditEvent, Secret, Token } from './types.js';
import { claimsOf, newAgent, newApiKey, newOwner, newVault, secretUrl, type Owner } from './world.js';

const SECOND = 1000;
/** Longer than gateways go on trusting their cache in silence (ADR 0007). */
const CACHE_MS = 2000;

let stack: Stack;
let gateways: Api[];

beforeAll(async () => {
  stack = await ownStack({ replicas: { gateway: 2 } });
  gateways = stack.gatewayUrls.map((_, index) => gatewayOf(stack, index));
});

afterAll(() => stack?.stop());

/** Calls both gateways often enough that each has the session in its cache. */
async function warmUp(api: Api, path: string): Promise<void> {
  for (let round = 0; round < 5; round += 1)
    for (const gateway of gateways) (await gateway.as(api.token).get(path)).as(200);
}

/** How long both gateways went on serving after `act` was answered. */
async function refusedByBoth(api: Api, path: string, act: () => Promise<unknown>): Promise<number> {
  await warmUp(api, path);
  await act();
  const { elapsedMs } = await eventually('both gateways refuse', 5 * SECOND, async () => {
    const answers = await Promise.all(gateways.map((gateway) => gateway.as(api.token).get(path)));
    return answers.every((answer) => answer.status === 401) ? true : undefined;
  });
  return elapsedMs;
}

/** Somebody in the org of another: put there by hand, because invitations are mailed, and mails wait while NATS is away. */
async function memberOf(owner: Owner): Promise<Api> {
  const { api, id, email, password } = await newOwner(gateways[0]);
  const client = new pg.Client({ connectionString: stack.databaseUrl('auth-svc', 'superuser') });
  await client.connect();
  const move = `UPDATE memberships SET org_id = $1, role = 'member' WHERE user_id = $2`;
  await client.query(move, [owner.orgId, id]).finally(() => client.end());
  return api.as((await api.post('/v1/auth/token', { email, password })).as<Token>(200).access_token);
}

const idOf = (api: Api): string => claimsOf(api.token ?? '').sub.replace('user:', '');

const revocations: [what: string, revoke: () => Promise<number>][] = [
  [
    'a revoked token of a person',
    async () => {
      const { api } = await newOwner(gateways[0]);
      return refusedByBoth(api, '/v1/auth/me', async () => (await api.delete('/v1/auth/token')).empty());
    },
  ],
  [
    'a revoked token of an agent',
    async () => {
      const { api } = await newAgent(await newOwner(gateways[0]));
      return refusedByBoth(api, '/v1/agents/me', async () => (await api.delete('/v1/auth/token')).empty());
    },
  ],
  [
    'a token of a deactivated agent',
    async () => {
      const owner = await newOwner(gateways[1]);
      const { api, id } = await newAgent(owner);
      return refusedByBoth(api, '/v1/agents/me', async () => (await owner.api.delete(`/v1/agents/${id}`)).empty());
    },
  ],
  [
    'a personal API key that was revoked',
    async () => {
      const owner = await newOwner(gateways[0]);
      const { key, api_key } = await newApiKey(owner);
      return refusedByBoth(owner.api.as(api_key), '/v1/auth/me', async () =>
        (await owner.api.at(gateways[1]?.baseUrl ?? '').delete(`/v1/auth/api-keys/${key.id}`)).empty(),
      );
    },
  ],
  [
    'a token made with a personal API key that was revoked',
    async () => {
      const owner = await newOwner(gateways[1]);
      const { key, api_key } = await newApiKey(owner);
      const answer = await owner.api.as(undefined).post('/v1/auth/api-key-token', { api_key });
      const api = owner.api.as(answer.as<Token>(200).access_token);
      return refusedByBoth(api, '/v1/auth/me', async () =>
        (await owner.api.delete(`/v1/auth/api-keys/${key.id}`)).empty(),
      );
    },
  ],
  [
    'a token of a member who is removed',
    async () => {
      const owner = await newOwner(gateways[0]);
      const member = await memberOf(owner);
      return refusedByBoth(member, '/v1/auth/me', async () =>
        (await owner.api.delete(`/v1/org/members/${idOf(member)}`)).empty(),
      );
    },
  ],
  [
    'a token made with a key that was rotated',
    async () => {
      const owner = await newOwner(gateways[0]);
      const { api, id } = await newAgent(owner);
      return refusedByBoth(api, '/v1/agents/me', async () =>
        (await owner.api.post(`/v1/agents/${id}/rotate-key`)).as<AgentCreated>(200),
      );
    },
  ],
];

describe('two gateways', () => {
  it.each(revocations)('both refuse %s within a second', async (_, revoke) => {
    expect(await revoke()).toBeLessThan(SECOND);
  });

  it('see what was written through the other at once', async () => {
    const owner = await newOwner(gateways[0]);
    const vault = await newVault(owner);
    const url = secretUrl(vault, 'a');
    const agent = await newAgent(owner, [{ vault, pattern: 'a' }]);
    const other = agent.api.at(gateways[1]?.baseUrl ?? '');
    for (let version = 1; version <= 5; version += 1) {
      (await owner.api.put(url, { value: `v${version}` })).as(201);
      expect((await other.get(url)).as<Secret>(200).value).toBe(`v${version}`);
    }
    const policies = (await owner.api.get(`/v1/vaults/${vault.id}/policies`)).as<{ policies: { id: string }[] }>(200);
    (await owner.api.delete(`/v1/vaults/${vault.id}/policies/${policies.policies[0]?.id}`)).empty();
    (await other.get(url)).refused(403);
  });
});

describe('a gateway without trusted proxies', () => {
  it('believes no X-Forwarded-For', async () => {
    const owner = await newOwner(gatewayOf(stack).from('203.0.113.9'));
    const [created] = (await trailWith(owner.api, by('auth.success', owner.id))).filter(by('auth.success', owner.id));
    expect(created?.ip_address).toBe('127.0.0.1');
  });
});

describe('two gateways without NATS', () => {
  let owner: Owner;
  const ids: string[] = [];

  beforeAll(async () => {
    owner = await newOwner(gateways[0]);
    await stack.nats.stop();
  });

  it.each(revocations)('both refuse %s within a second', async (_, revoke) => {
    expect(await revoke()).toBeLessThan(SECOND);
  });

  it('go on reading and writing', async () => {
    const vault = await newVault(owner);
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    for (let round = 0; round < 10; round += 1) {
      const id = `outage-${vault.id}-${round}`;
      const gateway = gateways[round % 2]?.as(owner.api.token) as Api;
      (await gateway.get(secretUrl(vault, 'a'), { 'x-request-id': id })).as(200);
      ids.push(id);
    }
  });

  it('lose no event and double none once NATS is back', async () => {
    await stack.nats.start();
    const wanted = ids.map((id) => (event: AuditEvent) => event.request_id === id);
    const events = await trailWith(owner.api, by('vault.create', owner.id), ...wanted);
    const reads = events.filter(by('secret.read')).map((event) => event.request_id);
    expect(reads.sort()).toEqual([...ids].sort());
    inChainOrder(events);
  });
});

describe('two gateways at the moment when NATS goes away', () => {
  it(
    'both refuse a token that is revoked just then, within a second',
    async () => {
      const agent = await newAgent(await newOwner(gateways[0]));
      const elapsed = await refusedByBoth(agent.api, '/v1/agents/me', async () => {
        stack.nats.child.kill('SIGKILL');
        (await agent.api.delete('/v1/auth/token')).empty();
      });
      expect(elapsed).toBeLessThan(SECOND);
      await stack.nats.child.gone();
      await stack.nats.start();
    },
    CACHE_MS * 10,
  );
});
