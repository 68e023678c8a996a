import { describe, expect, it } from '@jest/globals';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { by, denied, trailWith } from './trail.js';
import type { Member, Profile, Secret, Token, Vault } from './types.js';
import {
  gateway,
  gateways,
  grant,
  newAgent,
  newApiKey,
  newMember,
  newOwner,
  newOwnerWithVault,
  newVault,
  secretUrl,
  type Owner,
} from './world.js';

const SECOND = 1000;

const membersOf = async (api: Api): Promise<Member[]> =>
  (await api.get('/v1/org/members')).as<{ members: Member[] }>(200).members;
const rolesOf = async (api: Api): Promise<Record<string, string>> =>
  Object.fromEntries((await membersOf(api)).map(({ id, role }) => [id, role]));
const setRole = (api: Api, id: string, role: unknown) => api.send('PATCH', `/v1/org/members/${id}`, { role });
const remove = (api: Api, id: string) => api.delete(`/v1/org/members/${id}`);

async function logIn({ email, password }: Owner, at = gateway()): Promise<Api> {
  return at.as((await at.post('/v1/auth/token', { email, password })).as<Token>(200).access_token);
}

const profileOf = async (api: Api): Promise<Profile> => (await api.get('/v1/auth/me')).as<Profile>(200);

describe('GET /v1/org/members', () => {
  it('tells owners and admins who is in the org, and as what', async () => {
    const owner = await newOwner(gateway(), { display_name: 'Ada' });
    const admin = await newMember(owner, 'admin');
    expect(await membersOf(admin.api)).toMatchObject([
      { id: owner.id, email: owner.email, display_name: 'Ada', role: 'owner', auth_method: 'password' },
      { id: admin.id, email: admin.email, role: 'admin' },
    ]);
  });

  it('answers in pages', async () => {
    const owner = await newOwner();
    const [one, two] = [await newMember(owner), await newMember(owner)];
    const ids: string[] = [];
    for (let cursor = ''; ;) {
      const answer = await owner.api.get(`/v1/org/members?limit=2${cursor && `&cursor=${cursor}`}`);
      const { members, next_cursor } = answer.as<{ members: Member[]; next_cursor?: string }>(200);
      ids.push(...members.map(({ id }) => id));
      if (!next_cursor) break;
      cursor = next_cursor;
    }
    expect(ids.sort()).toEqual([owner.id, one.id, two.id].sort());
    for (const limit of ['0', '1001', 'x']) (await owner.api.get(`/v1/org/members?limit=${limit}`)).invalid('limit');
  });

  it('is not for members, nor for agents', async () => {
    const owner = await newOwner();
    const member = await newMember(owner);
    (await member.api.get('/v1/org/members')).refused(403);
    (await (await newAgent(owner)).api.get('/v1/org/members')).refused(403);
  });
});

describe('PATCH /v1/org/members/:user_id', () => {
  it('acts on both gateways within a second, and the token lives on', async () => {
    const owner = await newOwner();
    const member = await newMember(owner);
    const everywhere = gateways().map((each) => each.as(member.api.token));
    for (const api of everywhere) (await api.get('/v1/org/members')).refused(403);
    expect((await setRole(owner.api, member.id, 'admin')).as<Member>(200)).toMatchObject({
      id: member.id,
      role: 'admin',
    });
    const { elapsedMs } = await eventually('both gateways let the new admin in', 5 * SECOND, async () => {
      const answers = await Promise.all(everywhere.map((api) => api.get('/v1/org/members')));
      return answers.every(({ status }) => status === 200) ? true : undefined;
    });
    expect(elapsedMs).toBeLessThan(SECOND);
    expect(await profileOf(member.api)).toMatchObject({ role: 'admin' });
  });

  it('lets only an owner make an owner, or change what one is', async () => {
    const owner = await newOwner();
    const [admin, member] = [await newMember(owner, 'admin'), await newMember(owner)];
    (await setRole(admin.api, member.id, 'owner')).refused(403);
    (await setRole(admin.api, admin.id, 'owner')).refused(403);
    (await setRole(admin.api, owner.id, 'member')).refused(403);
    (await setRole(admin.api, member.id, 'admin')).as(200);
    (await setRole(owner.api, member.id, 'owner')).as(200);
    expect(await rolesOf(owner.api)).toEqual({ [owner.id]: 'owner', [admin.id]: 'admin', [member.id]: 'owner' });
  });

  it('does not demote the last owner', async () => {
    const owner = await newOwner();
    for (const role of ['admin', 'member']) (await setRole(owner.api, owner.id, role)).refused(409);
    (await setRole(owner.api, owner.id, 'owner')).as(200);
    const second = await newMember(owner, 'owner');
    (await setRole(owner.api, owner.id, 'member')).as(200);
    (await setRole(second.api, second.id, 'member')).refused(409);
  });

  it('has one winner where two owners demote each other at once through two gateways', async () => {
    const [here, there] = gateways() as [Api, Api];
    for (let round = 0; round < 5; round += 1) {
      const one = await newOwner(here);
      const other = await newMember(one, 'owner');
      const answers = await Promise.all([
        setRole(here.as(one.api.token), other.id, 'member'),
        setRole(there.as(other.api.token), one.id, 'member'),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
      const winner = answers[0]?.status === 200 ? one : other;
      expect(Object.values(await rolesOf(winner.api)).sort()).toEqual(['member', 'owner']);
    }
  });

  it.each([['boss'], [7], [null], [undefined]])('refuses %j as a role', async (role) => {
    const owner = await newOwner();
    (await setRole(owner.api, owner.id, role)).invalid('role');
  });

  it('knows nobody of another org, and no agent', async () => {
    const [owner, stranger] = [await newOwner(), await newOwner()];
    const agent = await newAgent(owner);
    for (const id of [stranger.id, agent.id, '00000000-0000-7000-8000-000000000000']) {
      (await setRole(owner.api, id, 'member')).refused(404);
      (await remove(owner.api, id)).refused(404);
    }
    (await setRole(owner.api, 'x', 'member')).invalid('user_id');
  });

  it('is in the trail, and so are attempts', async () => {
    const owner = await newOwner();
    const member = await newMember(owner);
    (await setRole(member.api, member.id, 'owner')).refused(403);
    (await setRole(owner.api, member.id, 'admin')).as(200);
    (await remove(owner.api, member.id)).empty();
    const events = await trailWith(owner.api, by('org.remove', owner.id));
    expect(events.filter(by('org.role'))).toMatchObject([
      { actor_id: owner.id, resource_id: member.id, details: { from: 'member', to: 'admin' } },
      { actor_id: member.id, resource_id: member.id, details: { outcome: 'denied' } },
    ]);
    expect(events.filter(by('org.remove'))).toMatchObject([{ resource_id: member.id, details: { role: 'admin' } }]);
  });
});

describe('DELETE /v1/org/members/:user_id', () => {
  it('ends tokens and API keys on both gateways within a second', async () => {
    const owner = await newOwner();
    const member = await newMember(owner, 'admin');
    const { api_key } = await newApiKey(member);
    const everywhere = gateways().flatMap((each) => [each.as(member.api.token), each.as(api_key)]);
    for (const api of everywhere) (await api.get('/v1/auth/me')).as(200);
    (await remove(owner.api, member.id)).empty();
    const { elapsedMs } = await eventually('token and key are refused', 5 * SECOND, async () => {
      const answers = await Promise.all(everywhere.map((api) => api.get('/v1/auth/me')));
      return answers.every(({ status }) => status === 401) ? true : undefined;
    });
    expect(elapsedMs).toBeLessThan(SECOND);
    (await remove(owner.api, member.id)).refused(404);
  });

  it('gives the person an empty org of their own; vaults and agents stay', async () => {
    const owner = await newOwner();
    const member = await newMember(owner, 'admin');
    const vault = await newVault(member);
    (await member.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const agent = await newAgent(member, [{ vault, pattern: 'a' }]);
    (await remove(owner.api, member.id)).empty();

    const now = await logIn(member);
    expect(await profileOf(now)).toMatchObject({ role: 'owner', id: member.id, email_verified: true });
    expect((await profileOf(now)).org_id).not.toBe(owner.orgId);
    expect(await rolesOf(now)).toEqual({ [member.id]: 'owner' });
    expect((await now.get('/v1/vaults')).as<{ vaults: Vault[] }>(200).vaults).toEqual([]);
    (await now.get(secretUrl(vault, 'a'))).refused(404);
    expect((await agent.api.get(secretUrl(vault, 'a'))).as<Secret>(200).value).toBe('v');
    const { vaults } = (await owner.api.get('/v1/vaults')).as<{ vaults: Vault[] }>(200);
    expect(vaults.map(({ id }) => id)).toContain(vault.id);
  });

  it('ends what the person was granted: somebody who is invited back has no policy any more', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    const member = await newMember(owner);
    const policy = {
      secret_path_pattern: '**',
      principal_type: 'user',
      principal_id: member.id,
      permissions: ['read'],
    };
    (await owner.api.post(`/v1/vaults/${vault.id}/policies`, policy)).as(201);
    (await member.api.get(secretUrl(vault, 'a'))).as(200);
    (await remove(owner.api, member.id)).empty();
    await eventually('the policy is gone', 15 * SECOND, async () => {
      const { policies } = (await owner.api.get(`/v1/vaults/${vault.id}/policies`)).as<{ policies: unknown[] }>(200);
      return policies.length === 0 ? true : undefined;
    });
    (await owner.api.post('/v1/org/invite', { email: member.email })).as(200);
    const back = await logIn(member);
    expect((await profileOf(back)).org_id).toBe(owner.orgId);
    (await back.get(secretUrl(vault, 'a'))).refused(403);
    (await member.api.get('/v1/auth/me')).refused(401);
  });

  it('does not remove the last owner, nor an owner for an admin', async () => {
    const owner = await newOwner();
    const [admin, member] = [await newMember(owner, 'admin'), await newMember(owner)];
    (await remove(owner.api, owner.id)).refused(409);
    (await remove(admin.api, owner.id)).refused(403);
    (await remove(member.api, member.id)).refused(403);
    (await remove(admin.api, member.id)).empty();
    (await remove(admin.api, admin.id)).empty();
    expect(await rolesOf(owner.api)).toEqual({ [owner.id]: 'owner' });
  });

  it('leaves one owner where two owners remove each other at once', async () => {
    const [here, there] = gateways() as [Api, Api];
    const one = await newOwner(here);
    const other = await newMember(one, 'owner');
    const answers = await Promise.all([
      remove(here.as(one.api.token), other.id),
      remove(there.as(other.api.token), one.id),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401]);
  });
});

describe('API keys with scopes', () => {
  it('open the org by its area', async () => {
    const owner = await newOwner();
    const member = await newMember(owner);
    const as = async (...scopes: string[]) => owner.api.as((await newApiKey(owner, { scopes })).api_key);
    const reading = await as('org:read');
    (await reading.get('/v1/org/members')).as(200);
    (await setRole(reading, member.id, 'admin')).refused(403);
    (await (await as('vaults:*')).get('/v1/org/members')).refused(403);
    (await setRole(await as('org:write'), member.id, 'admin')).as(200);
    const isRole = by('org.role');
    const events = await trailWith(
      owner.api,
      (event) => isRole(event) && denied(event),
      (event) => isRole(event) && !denied(event),
    );
    expect(events.filter(by('org.role')).map(denied)).toEqual([false, true]);
  });
});

describe('somebody who manages vaults of others', () => {
  it('loses that with the role, within a second', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await newAgent(owner);
    const admin = await newMember(owner, 'admin');
    await grant(admin, agent.id, { vault, pattern: 'a' });
    (await setRole(owner.api, admin.id, 'member')).as(200);
    const { elapsedMs } = await eventually('the policies are out of reach', 5 * SECOND, async () =>
      (await admin.api.get(`/v1/vaults/${vault.id}/policies`)).status === 403 ? true : undefined,
    );
    expect(elapsedMs).toBeLessThan(SECOND);
  });
});
