import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import type { Answer } from './answer.js';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { gatewayOf, ownStack } from './stacks.js';
import { by, denied, trailWith } from './trail.js';
import type { IpRule } from './types.js';
import { gateway, gateways, newAgent, newApiKey, newMember, newOwner, type Owner } from './world.js';

const SECOND = 1000;
const OWN = '203.0.113.5';
const OTHER = '198.51.100.9';
const V6 = '2001:db8:1::9';

const create = (api: Api, fields: Record<string, unknown>, query = '') =>
  api.post(`/v1/security/ip-rules${query}`, { rule_type: 'block', cidr: OTHER, ...fields });
const rulesOf = async (api: Api): Promise<IpRule[]> =>
  (await api.get('/v1/security/ip-rules')).as<{ rules: IpRule[] }>(200).rules;
const newOwnerAt = (ip = OWN): Promise<Owner> => newOwner(gateway().from(ip));

/** Until both gateways say so from that address; how long it took. */
async function bothAnswer(api: Api, path: string, status: number): Promise<number> {
  const { elapsedMs } = await eventually(`both gateways answer ${status}`, 5 * SECOND, async () => {
    const answers = await Promise.all(gateways().map(({ baseUrl }) => api.at(baseUrl).get(path)));
    return answers.every((answer) => answer.status === status) ? true : undefined;
  });
  return elapsedMs;
}

const warmUp = async (api: Api, path: string): Promise<void> => {
  for (const { baseUrl } of gateways()) (await api.at(baseUrl).get(path)).as(200);
};

describe('POST /v1/security/ip-rules', () => {
  it('answers with the rule, its network in the one spelling', async () => {
    const owner = await newOwnerAt();
    const rule = (await create(owner.api, { cidr: '2001:DB8::7/32', label: 'a', applies_to: 'agents' })).as<IpRule>(
      201,
    );
    expect(rule).toMatchObject({
      org_id: owner.orgId,
      created_by: owner.id,
      rule_type: 'block',
      cidr: '2001:db8::/32',
      label: 'a',
      applies_to: 'agents',
    });
    const second = (await create(owner.api, { rule_type: 'deny', description: 'b' })).as<IpRule>(201);
    expect(second).toMatchObject({ rule_type: 'deny', cidr: OTHER, label: 'b', applies_to: 'all' });
    expect(await rulesOf(owner.api)).toEqual([rule, second]);
  });

  it.each([
    [{ rule_type: 'refuse' }, 'rule_type'],
    [{ rule_type: undefined }, 'rule_type'],
    [{ cidr: 'example.com' }, 'cidr'],
    [{ cidr: '192.0.2.0/33' }, 'cidr'],
    [{ cidr: 7 }, 'cidr'],
    [{ applies_to: 'everybody' }, 'applies_to'],
    [{ label: 'x'.repeat(201) }, 'label'],
  ])('refuses %j', async (fields, field) => {
    (await create((await newOwnerAt()).api, fields)).invalid(field);
  });

  it('is 409 where it would lock its author out, unless forced', async () => {
    const owner = await newOwnerAt();
    for (const fields of [
      { cidr: OWN },
      { rule_type: 'deny', cidr: '203.0.113.0/24', applies_to: 'users' },
      { rule_type: 'allow', cidr: OTHER },
      { cidr: `::ffff:${OWN}` },
    ]) {
      (await create(owner.api, fields)).refused(409);
      (await create(owner.api, fields, '?force=false')).refused(409);
    }
    (await create(owner.api, { cidr: OWN, applies_to: 'agents' })).as(201);
    (await create(owner.api, { cidr: OWN }, '?force=maybe')).invalid('force');
    (await create(owner.api, { cidr: OWN }, '?force=true')).as(201);
    await eventually('the author is locked out', SECOND, async () =>
      (await owner.api.get('/v1/auth/me')).status === 403 ? true : undefined,
    );
    expect(await rulesOf(owner.api.from(OTHER))).toHaveLength(2);
  });

  it('is for owners and admins, and their keys of that area', async () => {
    const owner = await newOwnerAt();
    const [admin, member] = [await newMember(owner, 'admin'), await newMember(owner)];
    const agent = await newAgent(owner);
    for (const api of [member.api, agent.api]) {
      (await create(api, {})).refused(403);
      (await api.get('/v1/security/ip-rules')).refused(403);
    }
    const { id } = (await create(admin.api, {})).as<IpRule>(201);
    (await member.api.delete(`/v1/security/ip-rules/${id}`)).refused(403);
    (await (await newOwner()).api.delete(`/v1/security/ip-rules/${id}`)).refused(404);
    const key = async (scope: string) => owner.api.as((await newApiKey(owner, { scopes: [scope] })).api_key);
    (await (await key('org:read')).get('/v1/security/ip-rules')).as(200);
    (await create(await key('org:read'), {})).refused(403);
    (await create(await key('vaults:*'), {})).refused(403);
    (await (await key('org:*')).delete(`/v1/security/ip-rules/${id}`)).empty();
    (await owner.api.delete(`/v1/security/ip-rules/${id}`)).refused(404);
  });
});

describe('a rule that blocks', () => {
  it('acts on people, agents and keys, at both gateways within a second, and ends as fast', async () => {
    const owner = await newOwnerAt();
    const agent = await newAgent(owner);
    const { api_key } = await newApiKey(owner);
    const callers: [Api, string][] = [
      [owner.api.from(OTHER), '/v1/auth/me'],
      [agent.api.from(OTHER), '/v1/agents/me'],
      [owner.api.as(api_key).from(OTHER), '/v1/auth/me'],
    ];
    for (const [api, path] of callers) await warmUp(api, path);
    const { id } = (await create(owner.api, { rule_type: 'deny' })).as<IpRule>(201);
    for (const [api, path] of callers) expect(await bothAnswer(api, path, 403)).toBeLessThan(SECOND);
    await warmUp(owner.api, '/v1/auth/me');
    await warmUp(agent.api, '/v1/agents/me');
    (await owner.api.delete(`/v1/security/ip-rules/${id}`)).empty();
    for (const [api, path] of callers) expect(await bothAnswer(api, path, 200)).toBeLessThan(SECOND);
  });

  it('is nothing to other orgs, nor to those whom it does not apply to', async () => {
    const [owner, stranger] = [await newOwnerAt(), await newOwnerAt()];
    const agent = await newAgent(owner);
    (await create(owner.api, { applies_to: 'agents' })).as(201);
    expect(await bothAnswer(agent.api.from(OTHER), '/v1/agents/me', 403)).toBeLessThan(SECOND);
    (await owner.api.from(OTHER).get('/v1/auth/me')).as(200);
    (await stranger.api.from(OTHER).get('/v1/auth/me')).as(200);
  });

  it('is in the trail when it refuses somebody, with the address', async () => {
    const owner = await newOwnerAt();
    (await create(owner.api, {})).as(201);
    await bothAnswer(owner.api.from(OTHER), '/v1/vaults', 403);
    const refused = (await owner.api.from(OTHER).post('/v1/vaults', { name: 'v' })) as Answer;
    refused.refused(403);
    const isRefusal = (event: Parameters<typeof denied>[0]) => event.action === 'vault.create' && denied(event);
    const events = await trailWith(owner.api, isRefusal);
    expect(events.filter(isRefusal)).toMatchObject([
      { actor_id: owner.id, ip_address: OTHER, details: { reason: expect.stringContaining('IP rule') } },
    ]);
    expect(events.filter(by('iprule.create'))).toMatchObject([
      { details: { rule_type: 'block', cidr: OTHER, applies_to: 'all' } },
    ]);
  });

  it('comes after 401, and before validation and the bars of kinds of callers', async () => {
    const owner = await newOwnerAt();
    const agent = await newAgent(owner);
    (await create(owner.api, {})).as(201);
    await bothAnswer(agent.api.from(OTHER), '/v1/agents/me', 403);
    (await gateway().from(OTHER).get('/v1/auth/me')).refused(401);
    const invalid = await owner.api.from(OTHER).post('/v1/vaults', { name: 7 });
    expect(invalid.refused(403).detail).toContain('IP rule');
    const barred = await agent.api.from(OTHER).get('/v1/org/members');
    expect(barred.refused(403).detail).toContain('IP rule');
  });

  it('does not keep anybody from logging in, which no org is asked about', async () => {
    const owner = await newOwnerAt();
    (await create(owner.api, {})).as(201);
    const { email, password } = owner;
    (await gateway().from(OTHER).post('/v1/auth/token', { email, password })).as(200);
    (await gateway().from(OTHER).get('/v1/health')).as(200);
  });
});

describe('rules that allow', () => {
  it('make a list; a block wins over it; IPv6 is not IPv4, and mapped IPv4 is', async () => {
    const owner = await newOwnerAt();
    const from = async (ip: string) => (await owner.api.from(ip).get('/v1/auth/me')).status;
    (await create(owner.api, { rule_type: 'allow', cidr: '203.0.113.0/24' })).as(201);
    expect(await bothAnswer(owner.api.from(OTHER), '/v1/auth/me', 403)).toBeLessThan(SECOND);
    expect([await from(OWN), await from('203.0.113.77'), await from(`::ffff:${OWN}`), await from(V6)]).toEqual([
      200, 200, 200, 403,
    ]);
    (await create(owner.api, { rule_type: 'allow', cidr: '2001:db8:1::/48' })).as(201);
    expect(await bothAnswer(owner.api.from(V6), '/v1/auth/me', 200)).toBeLessThan(SECOND);
    expect(await from('2001:db8:2::9')).toBe(403);
    (await create(owner.api, { rule_type: 'block', cidr: '203.0.113.77' })).as(201);
    expect(await bothAnswer(owner.api.from('203.0.113.77'), '/v1/auth/me', 403)).toBeLessThan(SECOND);
    expect(await from(OWN)).toBe(200);
  });

  it('are not deleted one by one until nobody gets in, unless forced', async () => {
    const owner = await newOwnerAt();
    const own = (await create(owner.api, { rule_type: 'allow', cidr: OWN })).as<IpRule>(201);
    (await create(owner.api, { rule_type: 'allow', cidr: OTHER })).as(201);
    (await owner.api.delete(`/v1/security/ip-rules/${own.id}`)).refused(409);
    (await owner.api.delete(`/v1/security/ip-rules/${own.id}?force=1`)).empty();
    await bothAnswer(owner.api, '/v1/auth/me', 403);
  });
});

describe('behind no trusted proxy', () => {
  let stack: Stack;
  beforeAll(async () => (stack = await ownStack()));
  afterAll(() => stack?.stop());

  it('an address that a client makes up does not get it past the rules', async () => {
    const owner = await newOwner(gatewayOf(stack).from(OWN));
    (await create(owner.api, { rule_type: 'allow', cidr: OWN })).refused(409);
    (await create(owner.api, { rule_type: 'allow', cidr: '127.0.0.1' })).as(201);
    (await owner.api.from(OTHER).get('/v1/auth/me')).as(200);
    (await create(owner.api, { rule_type: 'block', cidr: '127.0.0.0/8' }, '?force=true')).as(201);
    await eventually('nobody gets in', SECOND, async () =>
      (await owner.api.from(OWN).get('/v1/auth/me')).status === 403 ? true : undefined,
    );
  });
});
