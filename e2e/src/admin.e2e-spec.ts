import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { gatewayOf, ownStack } from './stacks.js';
import { by, denied, trailWith } from './trail.js';
import type { AdminUser, OrgLimits, Profile, Setting, Token } from './types.js';
import {
  gateway,
  newAgent,
  newApiKey,
  newMember,
  newOwner,
  newVault,
  platformAdmin,
  randomPassword,
  secretUrl,
  type Owner,
} from './world.js';

const SECOND = 1000;
const NIL = '00000000-0000-0000-0000-000000000000';

interface Plan {
  billing_tier: string;
  free_tier_limit: number | null;
}

let admin: Owner;
beforeAll(async () => (admin = await platformAdmin()));

const put = (api: Api, key: string, value: unknown) => api.put(`/v1/admin/settings/${key}`, { value });
const settings = async (): Promise<Setting[]> =>
  (await admin.api.get('/v1/admin/settings')).as<{ settings: Setting[] }>(200).settings;
const usersOf = async (query = '', whose = admin): Promise<{ users: AdminUser[]; total: number }> =>
  (await whose.api.get(`/v1/admin/users${query}`)).as<{ users: AdminUser[]; total: number }>(200);
const limitsUrl = (orgId: string) => `/v1/admin/orgs/${orgId}/limits`;
const tierUrl = (orgId: string) => `/v1/admin/orgs/${orgId}/billing-tier`;

describe('the first administrator', () => {
  it('owns the platform org, with an address that the operator vouches for', async () => {
    expect((await admin.api.get('/v1/auth/me')).as<Profile>(200)).toMatchObject({
      role: 'owner',
      email_verified: true,
      org_id: admin.orgId,
    });
  });

  it('cannot delete the last account of the platform org', async () => {
    const answer = await admin.api.send('DELETE', '/v1/auth/me', { confirmation: 'DELETE MY ACCOUNT' });
    answer.refused(409);
  });
});

describe('admin routes', () => {
  const routes: [method: string, path: string, body?: unknown][] = [
    ['GET', '/v1/admin/settings'],
    ['PUT', '/v1/admin/settings/a', { value: 'v' }],
    ['DELETE', '/v1/admin/settings/a'],
    ['GET', '/v1/admin/users'],
    ['DELETE', `/v1/admin/users/${NIL}`],
    ['GET', limitsUrl(NIL)],
    ['PUT', limitsUrl(NIL), { is_sponsored: true }],
    ['PUT', tierUrl(NIL), { tier: 'pro' }],
  ];

  it('are for owners and admins of the platform org, and not by a key with scopes', async () => {
    const stranger = await newOwner();
    const member = await newMember(admin);
    const agent = await newAgent(stranger);
    const scoped = admin.api.as((await newApiKey(admin, { scopes: ['org:*', 'billing:*', 'secrets:*'] })).api_key);
    const path = admin.api.as((await newApiKey(admin, { scopes: ['**'] })).api_key);
    for (const [method, url, body] of routes) {
      for (const api of [stranger.api, member.api, agent.api, scoped, path])
        (await api.send(method, url, body)).refused(403);
      (await gateway().send(method, url, body)).refused(401);
    }
    const second = await newMember(admin, 'admin');
    (await second.api.get('/v1/admin/settings')).as(200);
    const key = (await newApiKey(second)).api_key;
    (await second.api.as(key).get('/v1/admin/settings')).as(200);
    const isDenied = (event: Parameters<typeof denied>[0]) => event.action === 'admin.set_setting' && denied(event);
    await trailWith(stranger.api, isDenied);
    expect((await settings()).map((setting) => setting.key)).not.toContain('a');
  });

  it('answer 404 for what is not there', async () => {
    (await admin.api.delete('/v1/admin/settings/never_set')).refused(404);
    (await admin.api.delete(`/v1/admin/users/${NIL}`)).refused(404);
    (await admin.api.get(limitsUrl(NIL))).refused(404);
    (await admin.api.put(limitsUrl(NIL), { is_sponsored: true })).refused(404);
    (await admin.api.put(tierUrl(NIL), { tier: 'pro' })).refused(404);
  });
});

describe('settings', () => {
  it('are set, listed, replaced and unset, and that is in the trail', async () => {
    const key = `e2e.${randomPassword().toLowerCase().replaceAll('-', '_')}`;
    const setting = (await put(admin.api, key, 'one')).as<Setting>(200);
    expect(setting).toMatchObject({ key, value: 'one', updated_by: admin.id });
    (await put(admin.api, key, 'two')).as(200);
    expect((await settings()).find((each) => each.key === key)).toMatchObject({ value: 'two' });
    (await admin.api.delete(`/v1/admin/settings/${key}`)).empty();
    (await admin.api.delete(`/v1/admin/settings/${key}`)).refused(404);
    const isDeletion = by('admin.delete_setting', admin.id);
    const events = await trailWith(admin.api, (event) => isDeletion(event) && event.resource_id === key);
    expect(events.filter((event) => event.resource_id === key).map(({ action }) => action)).toEqual([
      'admin.delete_setting',
      'admin.set_setting',
      'admin.set_setting',
    ]);
  });

  it.each([
    ['maintenance_mode', 'yes', 'value'],
    ['maintenance_mode', true, 'value'],
    ['intents_api.require_simulation', '1', 'value'],
    ['free', undefined, 'value'],
    ['free', 'x'.repeat(4097), 'value'],
    ['Upper', 'v', 'key'],
    ['a-b', 'v', 'key'],
    ['x'.repeat(129), 'v', 'key'],
  ])('refuse %s = %j', async (key, value, field) => {
    (await put(admin.api, key, value)).invalid(field);
  });
});

describe('GET /v1/admin/users', () => {
  it('tells who has an account, newest first, with the org and its plan', async () => {
    const owner = await newOwner(gateway(), { display_name: 'Grace' });
    const { users, total } = await usersOf('?limit=500');
    expect(users.find(({ id }) => id === owner.id)).toMatchObject({
      email: owner.email,
      display_name: 'Grace',
      role: 'owner',
      auth_method: 'password',
      org_id: owner.orgId,
      org_name: 'Grace',
      is_sponsored: false,
      current_month_requests: expect.any(Number),
      billing_tier: expect.stringMatching(/^(free|pro|business|enterprise)$/),
    });
    expect(total).toBeGreaterThanOrEqual(users.length);
    expect(users.map(({ id }) => id)).toEqual(
      users
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    );
  });
});

describe('DELETE /v1/admin/users/:user_id', () => {
  it('ends the account and, with the last member, the org, as if its owner had done it', async () => {
    const owner = await newOwner();
    const vault = await newVault(owner);
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const agent = await newAgent(owner, [{ vault, pattern: 'a' }]);
    (await admin.api.delete(`/v1/admin/users/${owner.id}`)).empty();
    await eventually('both tokens are refused', SECOND, async () => {
      const [me, secret] = [await owner.api.get('/v1/auth/me'), await agent.api.get(secretUrl(vault, 'a'))];
      return me.status === 401 && secret.status === 401 ? true : undefined;
    });
    (await gateway().post('/v1/auth/token', { email: owner.email, password: owner.password })).refused(401);
    (await admin.api.delete(`/v1/admin/users/${owner.id}`)).refused(404);
    const isHis = (event: { action: string; resource_id?: string | null }) =>
      event.action === 'admin.delete_user' && event.resource_id === owner.id;
    await trailWith(admin.api, isHis);
  });

  it('leaves an org that others are in with an owner', async () => {
    const owner = await newOwner();
    const [member, heir] = [await newMember(owner), await newMember(owner, 'admin')];
    (await admin.api.delete(`/v1/admin/users/${owner.id}`)).empty();
    const { members } = (await heir.api.get('/v1/org/members')).as<{ members: { id: string; role: string }[] }>(200);
    expect(Object.fromEntries(members.map(({ id, role }) => [id, role]))).toEqual({
      [member.id]: 'member',
      [heir.id]: 'owner',
    });
  });

  it('refuses the caller, and the last owner of the platform org', async () => {
    (await admin.api.delete(`/v1/admin/users/${admin.id}`)).refused(409);
    const second = await newMember(admin, 'admin');
    (await second.api.delete(`/v1/admin/users/${admin.id}`)).refused(409);
    (await admin.api.delete(`/v1/admin/users/${second.id}`)).empty();
    (await admin.api.delete('/v1/admin/users/x')).invalid('user_id');
  });
});

describe('limits and tiers of orgs', () => {
  it('are set by parts, and shown where users are listed', async () => {
    const owner = await newOwner();
    const url = limitsUrl(owner.orgId);
    expect((await admin.api.get(url)).as<OrgLimits>(200)).toMatchObject({ org_id: owner.orgId, is_sponsored: false });
    (await admin.api.put(url, { free_tier_override: 7 })).as(200);
    (await admin.api.put(url, { is_sponsored: true })).as(200);
    expect((await admin.api.get(url)).as<OrgLimits>(200)).toEqual({
      org_id: owner.orgId,
      free_tier_override: 7,
      is_sponsored: true,
    });
    const { users } = await usersOf('?limit=500');
    expect(users.find(({ id }) => id === owner.id)).toMatchObject({ free_tier_override: 7, is_sponsored: true });
    (await admin.api.put(url, { free_tier_override: null, is_sponsored: null })).as(200);
    expect((await admin.api.get(url)).as<OrgLimits>(200)).toEqual({ org_id: owner.orgId, is_sponsored: true });
  });

  it('show at once in what the org sees of its plan', async () => {
    const owner = await newOwner();
    const plan = async () => {
      const { billing_tier, free_tier_limit } = (await owner.api.get('/v1/billing/usage')).as<Plan>(200);
      return [billing_tier, free_tier_limit];
    };
    (await admin.api.put(tierUrl(owner.orgId), { tier: 'pro' })).as(200);
    expect(await plan()).toEqual(['pro', 25_000]);
    (await admin.api.put(limitsUrl(owner.orgId), { free_tier_override: 7 })).as(200);
    expect(await plan()).toEqual(['pro', 7]);
    (await admin.api.put(limitsUrl(owner.orgId), { is_sponsored: true })).as(200);
    expect(await plan()).toEqual(['pro', null]);
  });

  it('have a tier for as long as is told', async () => {
    const owner = await newOwner();
    const day = 24 * 3600 * SECOND;
    const until = async (body: unknown) => {
      const answer = (await admin.api.put(tierUrl(owner.orgId), body)).as<{ tier: string; period_end?: string }>(200);
      return answer.period_end === undefined ? undefined : (Date.parse(answer.period_end) - Date.now()) / day;
    };
    expect(await until({ tier: 'business', duration_days: 90 })).toBeCloseTo(90, 1);
    expect(await until({ tier: 'pro' })).toBeCloseTo(365, 1);
    expect(await until({ tier: 'free' })).toBeUndefined();
    await trailWith(admin.api, by('admin.set_billing_tier', admin.id));
  });

  it.each([
    [{ tier: 'gold' }, 'tier'],
    [{}, 'tier'],
    [{ tier: 'pro', duration_days: 0 }, 'duration_days'],
    [{ tier: 'pro', duration_days: 3651 }, 'duration_days'],
  ])('refuse the tier %j', async (body, field) => {
    (await admin.api.put(tierUrl(admin.orgId), body)).invalid(field);
  });

  it.each([
    [{ free_tier_override: -1 }, 'free_tier_override'],
    [{ free_tier_override: 'many' }, 'free_tier_override'],
    [{ is_sponsored: 'yes' }, 'is_sponsored'],
  ])('refuse the limits %j', async (body, field) => {
    (await admin.api.put(limitsUrl(admin.orgId), body)).invalid(field);
  });
});

describe('a platform on which nobody else works', () => {
  let stack: Stack;
  let boss: Owner;
  beforeAll(async () => {
    stack = await ownStack({ env: { 'billing-svc': { DEFAULT_TIER: 'free' } } });
    boss = await platformAdmin(gatewayOf(stack), stack.admin);
  });
  afterAll(() => stack?.stop());

  it('answers users a page at a time', async () => {
    await newOwner(gatewayOf(stack));
    const { users } = await usersOf('?limit=2', boss);
    expect(users).toHaveLength(2);
    expect((await usersOf('?limit=500&offset=1', boss)).users.map(({ id }) => id)).not.toContain(users[0]?.id);
    for (const query of ['limit=0', 'limit=501', 'limit=x']) {
      (await boss.api.get(`/v1/admin/users?${query}`)).invalid('limit');
    }
    (await boss.api.get('/v1/admin/users?offset=-1')).invalid('offset');
    expect((await usersOf('?offset=1000000', boss)).users).toEqual([]);
  });

  describe('the settings of x402', () => {
    const url = '/v1/admin/x402';

    it('are set by parts and unset, and that is in the trail', async () => {
      expect((await boss.api.get(url)).as(200)).toEqual({ scheme: 'exact', free_tier_limit: 1000 });
      const pay_to = `0x${'aB'.repeat(20)}`;
      (await boss.api.put(url, { pay_to, network: 'base' })).as(200);
      const facilitator_url = 'https://facilitator.example/x';
      expect((await boss.api.put(url, { facilitator_url, scheme: 'exact', free_tier_limit: 5 })).as(200)).toEqual({
        pay_to,
        network: 'base',
        scheme: 'exact',
        free_tier_limit: 5,
        facilitator_url,
      });
      (await boss.api.put(url, { network: null })).as(200);
      expect((await boss.api.get(url)).as(200)).not.toHaveProperty('network');
      await trailWith(boss.api, by('admin.set_x402', boss.id));
    });

    it('say what the free tier has', async () => {
      const owner = await newOwner(gatewayOf(stack));
      (await boss.api.put(url, { free_tier_limit: 5 })).as(200);
      expect((await owner.api.get('/v1/billing/usage')).as<Plan>(200)).toMatchObject({ free_tier_limit: 5 });
      (await boss.api.put(url, { free_tier_limit: 77 })).as(200);
      expect((await owner.api.get('/v1/billing/usage')).as<Plan>(200)).toMatchObject({ free_tier_limit: 77 });
      (await owner.api.get(url)).refused(403);
      (await owner.api.put(url, { free_tier_limit: 1_000_000 })).refused(403);
    });

    it.each([
      [{ pay_to: '0x1' }, 'pay_to'],
      [{ asset: 'USDC' }, 'asset'],
      [{ network: 'Base' }, 'network'],
      [{ scheme: 'upto' }, 'scheme'],
      [{ free_tier_limit: -1 }, 'free_tier_limit'],
      [{ facilitator_url: 'ftp://facilitator.example' }, 'facilitator_url'],
    ])('refuse %j', async (body, field) => {
      (await boss.api.put(url, body)).invalid(field);
    });
  });
});

describe('maintenance', () => {
  let stack: Stack;
  let gateways: Api[];
  let boss: Owner;

  beforeAll(async () => {
    stack = await ownStack({ replicas: { gateway: 2 } });
    gateways = stack.gatewayUrls.map((_, index) => gatewayOf(stack, index));
    boss = await platformAdmin(gateways[0], stack.admin);
  });
  afterAll(() => stack?.stop());

  /** How long until both gateways answer so. */
  async function bothAnswer(api: Api, path: string, status: number): Promise<number> {
    const { elapsedMs } = await eventually(`both gateways answer ${status}`, 5 * SECOND, async () => {
      const answers = await Promise.all(gateways.map(({ baseUrl }) => api.at(baseUrl).get(path)));
      return answers.every((answer) => answer.status === status) ? true : undefined;
    });
    return elapsedMs;
  }

  const onAndOff = async (owner: Owner): Promise<void> => {
    await bothAnswer(owner.api, '/v1/vaults', 200);
    (await put(boss.api, 'maintenance_mode', 'true')).as(200);
    expect(await bothAnswer(owner.api, '/v1/vaults', 503)).toBeLessThan(SECOND);
    (await put(boss.api.at(gateways[1]?.baseUrl ?? ''), 'maintenance_mode', 'false')).as(200);
    expect(await bothAnswer(owner.api, '/v1/vaults', 200)).toBeLessThan(SECOND);
  };

  it('begins and ends at both gateways within a second', async () => {
    await onAndOff(await newOwner(gateways[0]));
  });

  it('ends with the setting, too', async () => {
    const owner = await newOwner(gateways[0]);
    (await put(boss.api, 'maintenance_mode', 'true')).as(200);
    await bothAnswer(owner.api, '/v1/vaults', 503);
    (await boss.api.delete('/v1/admin/settings/maintenance_mode')).empty();
    expect(await bothAnswer(owner.api, '/v1/vaults', 200)).toBeLessThan(SECOND);
  });

  it('lets health, auth and the platform org through, and says when to come back to all others', async () => {
    const owner = await newOwner(gateways[0]);
    const agent = await newAgent(owner);
    (await put(boss.api, 'maintenance_mode', 'true')).as(200);
    await bothAnswer(owner.api, '/v1/vaults', 503);
    const refused = await owner.api.post('/v1/vaults', { name: 'v' });
    refused.refused(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    (await agent.api.get('/v1/agents/me')).refused(503);
    (await owner.api.get('/v1/admin/settings')).refused(503);
    (await gateways[0]!.post('/v1/agents/enroll', { name: 'a', human_email: owner.email })).refused(503);
    (await owner.api.as('nonsense').get('/v1/vaults')).refused(401);
    (await gateways[0]!.get('/v1/health')).as(200);
    (await gateways[0]!.get('/v1/health/hsm')).as(200);
    (await gateways[0]!.get('/v1/auth/jwt-public-key')).as(200);
    (await owner.api.get('/v1/auth/me')).as(200);
    const { email, password } = owner;
    (await gateways[0]!.post('/v1/auth/token', { email, password })).as<Token>(200);
    await newVault(boss);
    (await put(boss.api, 'maintenance_mode', 'false')).as(200);
    await bothAnswer(agent.api, '/v1/agents/me', 200);
  });

  it('acts within a second without NATS, too', async () => {
    const owner = await newOwner(gateways[0]);
    await stack.nats.stop();
    await onAndOff(owner);
    await stack.nats.start();
  });

  it('stays on while auth-svc is away, and off', async () => {
    const owner = await newOwner(gateways[0]);
    (await put(boss.api, 'maintenance_mode', 'true')).as(200);
    await bothAnswer(owner.api, '/v1/vaults', 503);
    await stack.service('auth-svc').kill('SIGKILL');
    expect(
      (await gateways[0]!.post('/v1/agents/enroll', { name: 'a', human_email: owner.email })).refused(503),
    ).toMatchObject({
      detail: expect.stringContaining('maintenance'),
    });
    await stack.service('auth-svc').start();
    await eventually('auth-svc is found again', 30 * SECOND, async () =>
      (await put(boss.api, 'maintenance_mode', 'false')).status === 200 ? true : undefined,
    );
    await bothAnswer(owner.api, '/v1/vaults', 200);
  });
});
