import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { by, denied, trailWith } from './trail.js';
import type { Explanation } from './types.js';
import {
  grant,
  newAgent,
  newApiKey,
  newOwner,
  newOwnerWithVault,
  newVault,
  secretUrl,
  type Grant,
  type WorkingAgent,
} from './world.js';

async function world(grants: Omit<Grant, 'vault'>[] = [], fields: Record<string, unknown> = {}) {
  const { owner, vault } = await newOwnerWithVault();
  (await owner.api.put(secretUrl(vault, 'db/password'), { value: 'v' })).as(201);
  const agent = await newAgent(
    owner,
    grants.map((each) => ({ vault, ...each })),
    fields,
  );
  return { owner, vault, agent, url: `/v1/vaults/${vault.id}/policies/explain` };
}

const about = ({ id }: Pick<WorkingAgent, 'id'>, fields: Record<string, unknown> = {}) => ({
  principal_type: 'agent',
  principal_id: id,
  path: 'db/password',
  permission: 'read',
  ...fields,
});

async function ask({ owner, url, agent }: Awaited<ReturnType<typeof world>>, fields: Record<string, unknown> = {}) {
  return (await owner.api.post(url, about(agent, fields))).as<Explanation>(200);
}

describe('the explanation of access', () => {
  it('follows policies, bounds and deactivation as they are now, and agrees with the request itself', async () => {
    const here = await world();
    const { owner, vault, agent } = here;
    const secret = secretUrl(vault, 'db/password');
    const both = async () => {
      const { allowed, layer } = await ask(here);
      const { status } = await agent.api.get(secret);
      return [layer, allowed, status];
    };
    expect(await both()).toEqual(['default_deny', false, 403]);
    const policy = await grant(owner, agent.id, { vault, pattern: 'db/*' });
    expect(await both()).toEqual(['policy', true, 200]);
    expect((await ask(here)).policy_id).toBe(policy.id);

    const patch = async (fields: object) => (await owner.api.send('PATCH', `/v1/agents/${agent.id}`, fields)).as(200);
    const other = await newVault(owner);
    await patch({ vault_ids: [other.id] });
    expect((await ask(here)).layer).toBe('vault_binding');
    await patch({ vault_ids: null, scopes: ['app/**', 'vaults:read'] });
    expect((await ask(here)).layer).toBe('scope');
    await patch({ scopes: ['*'], intents_api_enabled: true });
    const unbound = await ask(here);
    expect([unbound.layer, unbound.notes.length]).toEqual(['policy', 1]);
    await patch({ is_active: false });
    expect(await ask(here)).toMatchObject({ allowed: false, layer: 'principal', policies: [] });
    (await agent.api.get(secret)).refused(401);
  });

  it('tells the creator of the vault from an owner of the org', async () => {
    const { owner, url } = await world();
    const asked = { principal_type: 'user', principal_id: owner.id, path: 'never/written', permission: 'delete' };
    expect((await owner.api.post(url, asked)).as<Explanation>(200)).toMatchObject({ allowed: true, layer: 'owner' });
  });

  it('says of every policy why it does not allow it, for the address and the moment that are asked about', async () => {
    const window = { after: '22:00', before: '06:00', timezone: 'Europe/Berlin', days: ['fri'] };
    const here = await world([
      { pattern: 'app/*' },
      { pattern: 'db/*', permissions: ['delete'] },
      { pattern: '**', conditions: { ip_allowlist: ['192.0.2.0/24'], time_window: window } },
    ]);
    const inTime = { at: '2026-03-07T05:00:00+01:00', ip: '::ffff:192.0.2.7' };
    expect(await ask(here, inTime)).toMatchObject({ allowed: true, at: '2026-03-07T04:00:00.000Z' });

    const refused = await ask(here, { ...inTime, ip: '198.51.100.1', at: '2026-03-07T06:00:00+01:00' });
    expect(refused).toMatchObject({
      allowed: false,
      layer: 'default_deny',
      reason: 'ip_not_allowed',
      policies_omitted: 0,
    });
    expect(refused.policy_id).toBeUndefined();
    const checks = refused.policies.map(({ secret_path_pattern, allows, mismatches }) => [
      secret_path_pattern,
      allows,
      mismatches.map(({ check }) => check),
    ]);
    expect(checks).toEqual([
      ['**', false, ['ip_allowlist', 'time_window']],
      ['db/*', false, ['permission']],
      ['app/*', false, ['pattern']],
    ]);
    expect((await ask(here, { ...inTime, ip: null })).reason).toBe('ip_not_allowed');
  });

  it('is not for agents or members of other orgs, and a key needs the area of policies', async () => {
    const here = await world([{ pattern: '**' }]);
    const { owner, url, agent } = here;
    (await agent.api.post(url, about(agent))).refused(403);
    (await (await newOwner()).api.post(url, about(agent))).refused(404);
    const asKey = async (scopes: string[]) => owner.api.as((await newApiKey(owner, { scopes })).api_key);
    (await (await asKey(['policies:read'])).post(url, about(agent))).as(200);
    (await (await asKey(['secrets:*'])).post(url, about(agent))).refused(403);
    const events = await trailWith(owner.api, (event) => by('policy.explain', agent.id)(event) && denied(event));
    expect(events.find(by('policy.explain', agent.id))?.resource_id).toBe(here.vault.id);
  });

  it.each<[string, Record<string, unknown>]>([
    ['principal_type', { principal_type: 'group' }],
    ['principal_id', { principal_id: 'me' }],
    ['principal_id', { principal_id: undefined }],
    ['principal_id', { principal_id: randomUUID() }],
    ['principal_id', { principal_type: 'user' }],
    ['path', { path: 'a//b' }],
    ['path', { path: 'db/%70assword' }],
    ['path', { path: 'x'.repeat(513) }],
    ['path', { path: undefined }],
    ['permission', { permission: 'admin' }],
    ['permission', { permission: ['read'] }],
    ['ip', { ip: '10.0.0.0/8' }],
    ['ip', { ip: 'localhost' }],
    ['at', { at: 'now' }],
    ['at', { at: 1 }],
  ])('refuses a bad %s: %j', async (field, fields) => {
    const { owner, url, agent } = await world();
    (await owner.api.post(url, about(agent, fields))).invalid(field);
  });

  it('does not tell whose principal or vault of another org exists', async () => {
    const here = await world();
    const stranger = await world();
    (await here.owner.api.post(here.url, about(stranger.agent))).invalid('principal_id');
    (await here.owner.api.post(stranger.url, about(here.agent))).refused(404);
    (await here.owner.api.post(`/v1/vaults/${randomUUID()}/policies/explain`, about(here.agent))).refused(404);
  });
});
