import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CreateIpRuleRequest } from '@oneclaw/contracts/auth';
import { createKey } from '../testing/api-keys.js';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { newMember } from '../testing/orgs.js';
import { anonymous, createAgent, exchangeKey, type Human, signUp } from '../testing/people.js';
import { MAX_RULES } from './ip-rules.service.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

/** Where all of these people call from (testing/people.ts). */
const OWN = '192.0.2.7';
const ELSEWHERE = '198.51.100.0/24';

const create = async (by: Human, fields: Partial<CreateIpRuleRequest> = {}) =>
  (await world.ipRules.createIpRule({ ruleType: 'block', cidr: ELSEWHERE, appliesTo: 'all', ...fields }, by.call))
    .rule!;
const list = async (by: Human) => (await world.ipRules.listIpRules({}, by.call)).rules;
const remove = (by: Human, ruleId: string, force = false) => world.ipRules.deleteIpRule({ ruleId, force }, by.call);
const resolve = (...tokens: string[]) => world.sessions.resolveCallers({ tokens }, anonymous());

async function auditOf(orgId: string) {
  const { audit } = await recordedEvents(world.owner);
  return audit.filter((event) => event.orgId === orgId && event.action.startsWith('iprule.'));
}

describe('an IP rule', () => {
  it('is kept as it was made, in the one spelling of its network', async () => {
    const owner = await signUp(world);
    const rule = await create(owner, {
      ruleType: 'deny',
      cidr: '2001:DB8::1/32',
      label: ' office ',
      appliesTo: 'agents',
    });
    expect(rule).toMatchObject({
      orgId: owner.orgId,
      createdBy: owner.id,
      ruleType: 'deny',
      cidr: '2001:db8::/32',
      label: 'office',
      appliesTo: 'agents',
    });
    const second = await create(owner);
    expect(second.label).toBeUndefined();
    expect(await list(owner)).toEqual([rule, second]);
  });

  it.each<[keyof CreateIpRuleRequest, string, string]>([
    ['ruleType', 'refuse', 'rule_type'],
    ['cidr', 'example.com', 'cidr'],
    ['cidr', '192.0.2.0/33', 'cidr'],
    ['appliesTo', 'everybody', 'applies_to'],
    ['label', 'x'.repeat(201), 'label'],
    ['label', 'two\nlines', 'label'],
  ])('is not valid with %s %j', async (name, value, field) => {
    await expect(create(await signUp(world), { [name]: value })).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { [field]: expect.any(String) },
    });
  });

  it('is told to gateways with callers of its org, of whatever kind, and voids what they have cached', async () => {
    const [owner, stranger] = [await signUp(world), await signUp(world)];
    const agent = await createAgent(world, owner);
    const tokens = [
      owner.token,
      (await createKey(world, owner)).apiKey,
      (await exchangeKey(world, agent.apiKey))!.accessToken,
    ];
    expect((await resolve(...tokens)).ipRules).toEqual([]);
    const { id } = await create(owner);
    const facts = { orgId: owner.orgId, id, ruleType: 'block', cidr: ELSEWHERE, appliesTo: 'all' };
    for (const token of tokens) expect((await resolve(token)).ipRules).toEqual([facts]);
    expect((await resolve(...tokens, stranger.token)).ipRules).toEqual([facts]);
    expect((await resolve(stranger.token)).ipRules).toEqual([]);
    await remove(owner, id);
    expect((await resolve(...tokens)).ipRules).toEqual([]);
    const { rows } = await world.owner.query('SELECT 1 FROM session_invalidations WHERE key = $1', [
      `org:${owner.orgId}`,
    ]);
    expect(rows).toHaveLength(2);
  });

  it('does not lock its author out, unless that is wanted', async () => {
    const owner = await signUp(world);
    const conflict = { code: 'conflict', message: expect.stringContaining(OWN) };
    for (const fields of [
      { ruleType: 'block', cidr: OWN },
      { ruleType: 'deny', cidr: '192.0.2.0/24', appliesTo: 'users' },
      { ruleType: 'allow', cidr: ELSEWHERE },
      { ruleType: 'block', cidr: '::ffff:192.0.2.0/120' },
    ])
      await expect(create(owner, fields)).rejects.toMatchObject(conflict);
    expect(await list(owner)).toEqual([]);
    await create(owner, { ruleType: 'block', cidr: OWN, appliesTo: 'agents' });
    await create(owner, { ruleType: 'allow', cidr: ELSEWHERE, appliesTo: 'agents' });
    const own = await create(owner, { ruleType: 'allow', cidr: OWN });
    await create(owner, { ruleType: 'allow', cidr: ELSEWHERE });
    await expect(remove(owner, own.id)).rejects.toMatchObject(conflict);
    await remove(owner, own.id, true);
    await create(owner, { ruleType: 'block', cidr: OWN, force: true });
    expect(await list(owner)).toHaveLength(4);
  });

  it('is the business of owners and admins, and of nobody in another org', async () => {
    const [owner, stranger] = [await signUp(world), await signUp(world)];
    const [admin, member] = [await newMember(world, owner, 'admin'), await newMember(world, owner)];
    const { id } = await create(admin);
    const denied = { code: 'permission_denied' };
    await expect(list(member)).rejects.toMatchObject(denied);
    await expect(create(member)).rejects.toMatchObject(denied);
    await expect(remove(member, id)).rejects.toMatchObject(denied);
    await expect(remove(stranger, id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(remove(owner, 'x')).rejects.toMatchObject({ code: 'not_found' });
    await remove(admin, id);
    expect(
      (await auditOf(owner.orgId)).map(({ action, actorId, details }) => [action, actorId, details['outcome']]),
    ).toEqual([
      ['iprule.create', admin.id, undefined],
      ['iprule.list', member.id, 'denied'],
      ['iprule.create', member.id, 'denied'],
      ['iprule.delete', member.id, 'denied'],
      ['iprule.delete', admin.id, undefined],
    ]);
    expect((await auditOf(owner.orgId))[0]).toMatchObject({
      resourceId: id,
      details: { rule_type: 'block', cidr: ELSEWHERE, applies_to: 'all' },
    });
  });

  it('is one of a hundred at most, also under parallel creation', async () => {
    const owner = await signUp(world);
    await world.owner.query(
      `INSERT INTO ip_rules (id, org_id, rule_type, cidr, applies_to, created_by)
       SELECT gen_random_uuid(), $1, 'block', '198.51.100.1', 'all', $2 FROM generate_series(1, $3)`,
      [owner.orgId, owner.id, MAX_RULES - 3],
    );
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () =>
        create(owner).then(
          () => 'ok',
          ({ code }: { code: string }) => code,
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(7);
    expect(await list(owner)).toHaveLength(MAX_RULES);
  });
});
