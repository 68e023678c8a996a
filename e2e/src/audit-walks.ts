import { randomInt, randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { AuditAction } from '@oneclaw/events';
import {
  agentOf,
  again,
  ANONYMOUS,
  GOOGLE_CLIENT,
  PATH,
  user,
  type Told,
  type Walk,
  type World,
} from './audit-walk.js';
import { Authenticator, newOwnerWithMfa } from './authenticator.js';
import { ClientKey, rotationHeaders } from './client-key.js';
import type { Api } from './client.js';
import { newDevice } from './devices.js';
import { invitationToken } from './mails.js';
import { accept, share, shareUrl } from './shares.js';
import type { MfaSetup } from './types.js';
import {
  grant,
  newApiKey,
  newMember,
  newOwner,
  newVault,
  randomEmail,
  randomPassword,
  registerAgent,
  secretUrl,
  type Owner,
} from './world.js';

const PLATFORM_ORG = '00000000-0000-7000-8000-000000000001';
const ANY_ID = expect.stringMatching(/^[0-9a-f-]{36}$/);
const NOBODY = '0191e3c4-1111-7000-8000-000000000001';

/** What a person did in their own org. */
const did = (who: Owner, about: Told['about'], details: object = {}): Told => ({
  orgId: who.orgId,
  by: user(who),
  about,
  details: { ...details },
});

/** What a person, in their own org, was refused. */
const refusedTo = (who: Owner, about: Told['about'], details: object = {}): Told =>
  did(who, about, { ...details, outcome: 'denied', reason: expect.any(String) });

/** What the agent was refused. */
const refusedToAgent = (world: World, about: Told['about'], details: object = {}): Told => ({
  ...refusedTo(world.owner, about, details),
  by: agentOf(world),
});

/** An operation that is not for agents. */
const notForAgents =
  (method: string, path: string, about: Told['about'], body?: object): Walk =>
  async (world, id) => {
    (await world.agent.api.send(method, path, body, id)).refused(403);
    return refusedToAgent(world, about);
  };

type Who = 'member' | 'owner' | 'keyed' | 'limited';

/** An operation that is not for this person. */
const notFor =
  (
    who: Who,
    method: string,
    path: (world: World) => string,
    about: (world: World) => Told['about'],
    body?: object,
  ): Walk =>
  async (world, id) => {
    (await world[who].api.send(method, path(world), body, id)).refused(403);
    return refusedTo(world[who], about(world));
  };

/** What the platform's admin may do, and an owner may not. */
const byPlatform = (
  method: string,
  path: (world: World) => string,
  about: (world: World) => Told['about'],
  body: object | undefined,
  status: number,
): { done: Walk; denied: Walk } => ({
  done: async (world, id) => {
    const answer = await world.platform.api.send(method, path(world), body, id);
    if (answer.status !== status) throw new Error(`${method} answered ${answer.status}: ${answer.text}`);
    return did(world.platform, about(world));
  },
  denied: notFor('owner', method, path, about, body),
});

const inVault = ({ vault }: World): Told['about'] => ['vault', vault.id];
const vaultUrl = ({ vault }: World, rest = ''): string => `/v1/vaults/${vault.id}${rest}`;
const place = ({ vault }: World, path = PATH) => ({ vault_id: vault.id, path });
const aboutOrg = ({ owner }: World): Told['about'] => ['org', owner.orgId];
const aboutAgent = ({ agent }: World): Told['about'] => ['agent', agent.id];
const limitsUrl = ({ owner }: World): string => `/v1/admin/orgs/${owner.orgId}/limits`;
const aChain = () => {
  const chain_id = randomInt(1_000_000_000, 2_000_000_000);
  return { name: `chain-${chain_id}`, display_name: 'Walked', chain_id };
};
const newChain = async ({ platform }: World): Promise<string> =>
  (await platform.api.post('/v1/admin/chains', aChain())).as<{ id: string }>(201).id;
const setting = async ({ platform }: World): Promise<string> => {
  (await platform.api.put('/v1/admin/settings/walked', { value: 'v' })).as(200);
  return 'walked';
};
const [OLD, NEW] = [new ClientKey(), new ClientKey()];
const rotation = { body: { new_fingerprint: NEW.fingerprint }, headers: rotationHeaders(OLD, NEW) };
const withClientKey = async ({ owner }: World) => {
  const vault = await newVault(owner);
  (await owner.api.post(`/v1/vaults/${vault.id}/cmek`, { fingerprint: OLD.fingerprint })).as(200);
  return vault;
};
/** A rule that lets everybody in who matters here. */
const newRule = async (api: Api, cidr = '192.0.2.1'): Promise<string> =>
  (await api.post('/v1/security/ip-rules', { rule_type: 'block', cidr })).as<{ id: string }>(201).id;
const invited = async ({ owner, catcher }: World) => {
  const email = randomEmail();
  (await owner.api.post('/v1/org/invite', { email })).as(200);
  const { invitations } = (await owner.api.get('/v1/org/invitations')).as<{
    invitations: { id: string; email: string }[];
  }>(200);
  const id = invitations.find((each) => each.email === email)?.id ?? '';
  return { id, email, token: () => invitationToken(email, 1, catcher) };
};
const toMember = (world: World) =>
  share(world.owner.api, world.secretId, { recipient_type: 'user', recipient_id: world.member.id });
const shared = (world: World) => ({ secret_id: world.secretId, ...place(world) });
const policyOf = (world: World) => grant(world.owner, world.agent.id, { vault: world.vault, pattern: 'x' });
const deletion = { confirmation: 'DELETE MY ACCOUNT' };

/** Of every action what does it, and what is refused: at least one of the two. Only what changes or reveals something has an event when it is done. */
export const WALKS: Record<AuditAction, { done?: Walk; denied?: Walk }> = {
  'admin.bootstrap': {},
  'admin.create_chain': {
    done: async ({ platform }, id) => {
      const chain = (await platform.api.post('/v1/admin/chains', aChain(), id)).as<{ id: string }>(201);
      return did(platform, ['chain', chain.id]);
    },
    denied: notFor(
      'owner',
      'POST',
      () => '/v1/admin/chains',
      () => ['chain', ANY_ID],
      aChain(),
    ),
  },
  'admin.update_chain': {
    done: async (world, id) => {
      const chain = await newChain(world);
      (await world.platform.api.put(`/v1/admin/chains/${chain}`, { display_name: 'Again' }, id)).as(200);
      return did(world.platform, ['chain', chain]);
    },
    denied: notFor(
      'owner',
      'PUT',
      () => `/v1/admin/chains/${NOBODY}`,
      () => ['chain', NOBODY],
      { display_name: 'x' },
    ),
  },
  'admin.delete_chain': {
    done: async (world, id) => {
      const chain = await newChain(world);
      (await world.platform.api.delete(`/v1/admin/chains/${chain}`, id)).empty();
      return did(world.platform, ['chain', chain]);
    },
    denied: notFor(
      'owner',
      'DELETE',
      () => `/v1/admin/chains/${NOBODY}`,
      () => ['chain', NOBODY],
    ),
  },
  'admin.list_chains': {
    denied: notFor(
      'owner',
      'GET',
      () => '/v1/admin/chains',
      () => ['chain', ''],
    ),
  },
  'admin.set_setting': byPlatform(
    'PUT',
    () => '/v1/admin/settings/walked',
    () => ['setting', 'walked'],
    { value: 'v' },
    200,
  ),
  'admin.delete_setting': {
    done: async (world, id) => {
      const key = await setting(world);
      (await world.platform.api.delete(`/v1/admin/settings/${key}`, id)).empty();
      return did(world.platform, ['setting', key]);
    },
    denied: notFor(
      'owner',
      'DELETE',
      () => '/v1/admin/settings/walked',
      () => ['setting', 'walked'],
    ),
  },
  'admin.list_settings': {
    denied: notFor(
      'owner',
      'GET',
      () => '/v1/admin/settings',
      () => ['setting', ''],
    ),
  },
  'admin.delete_user': {
    done: async ({ platform, api }, id) => {
      const gone = await newOwner(api);
      (await platform.api.delete(`/v1/admin/users/${gone.id}`, id)).empty();
      return { ...did(platform, ['user', gone.id], { org_id: gone.orgId }), beside: ['user.delete', 'org.delete'] };
    },
    denied: notFor(
      'owner',
      'DELETE',
      ({ member }) => `/v1/admin/users/${member.id}`,
      ({ member }) => ['user', member.id],
    ),
  },
  'admin.list_users': {
    denied: notFor(
      'owner',
      'GET',
      () => '/v1/admin/users',
      () => ['user', ''],
    ),
  },
  'admin.read_org': { denied: notFor('owner', 'GET', limitsUrl, aboutOrg) },
  'admin.set_org_limits': byPlatform('PUT', limitsUrl, aboutOrg, { is_sponsored: false }, 200),
  'admin.set_billing_tier': byPlatform(
    'PUT',
    ({ stranger }) => `/v1/admin/orgs/${stranger.orgId}/billing-tier`,
    ({ stranger }) => ['org', stranger.orgId],
    { tier: 'business' },
    200,
  ),
  'admin.read_x402': {
    denied: notFor(
      'owner',
      'GET',
      () => '/v1/admin/x402',
      () => ['org', PLATFORM_ORG],
    ),
  },
  'admin.set_x402': byPlatform(
    'PUT',
    () => '/v1/admin/x402',
    () => ['org', PLATFORM_ORG],
    { free_tier_limit: 1000 },
    200,
  ),

  'agent.register': {
    done: async ({ owner }, id) => {
      const { agent } = (await owner.api.post('/v1/agents', { name: 'walked' }, id)).as<{ agent: { id: string } }>(201);
      // The private halves of its keys are secrets.
      return { ...did(owner, ['agent', agent.id]), beside: ['secret.write', 'secret.write'] };
    },
    denied: notForAgents('POST', '/v1/agents', ['agent', ''], { name: 'x' }),
  },
  'agent.list': { denied: notForAgents('GET', '/v1/agents', ['agent', '']) },
  'agent.read': { denied: notFor('member', 'GET', ({ agent }) => `/v1/agents/${agent.id}`, aboutAgent) },
  'agent.update': {
    done: async ({ owner, agent }, id) => {
      (await owner.api.send('PATCH', `/v1/agents/${agent.id}`, { description: 'walked' }, id)).as(200);
      return did(owner, ['agent', agent.id]);
    },
    denied: notFor('member', 'PATCH', ({ agent }) => `/v1/agents/${agent.id}`, aboutAgent, { description: 'x' }),
  },
  'agent.rotate_key': {
    done: async ({ owner }, id) => {
      const agent = await registerAgent(owner);
      (await owner.api.post(`/v1/agents/${agent.id}/rotate-key`, undefined, id)).as(200);
      return did(owner, ['agent', agent.id]);
    },
    denied: notFor('member', 'POST', ({ agent }) => `/v1/agents/${agent.id}/rotate-key`, aboutAgent),
  },
  'agent.rotate_identity_keys': {
    done: async ({ owner }, id) => {
      const agent = await registerAgent(owner);
      (await owner.api.post(`/v1/agents/${agent.id}/rotate-identity-keys`, undefined, id)).as(200);
      return { ...did(owner, ['agent', agent.id]), beside: ['secret.write', 'secret.write'] };
    },
    denied: notFor('member', 'POST', ({ agent }) => `/v1/agents/${agent.id}/rotate-identity-keys`, aboutAgent),
  },
  'agent.deactivate': {
    done: async ({ owner }, id) => {
      const agent = await registerAgent(owner);
      (await owner.api.delete(`/v1/agents/${agent.id}`, id)).empty();
      return did(owner, ['agent', agent.id]);
    },
    denied: notFor('member', 'DELETE', ({ agent }) => `/v1/agents/${agent.id}`, aboutAgent),
  },
  'agent.enroll': {
    done: async ({ api, stranger }, id) => {
      const enrolment = { name: 'walked', human_email: stranger.email };
      const { agent_id } = (await api.post('/v1/agents/enroll', enrolment, id)).as<{ agent_id: string }>(201);
      // The org's first agent: the vault of agents' keys is made for it.
      const beside: AuditAction[] = ['vault.create', 'secret.write', 'secret.write'];
      return { ...did(stranger, ['agent', agent_id]), by: ANONYMOUS, beside };
    },
  },

  'apikey.create': {
    done: async ({ owner }, id) => {
      const { key } = (await owner.api.post('/v1/auth/api-keys', { name: 'walked' }, id)).as<{ key: { id: string } }>(
        201,
      );
      return did(owner, ['api_key', key.id]);
    },
    denied: notFor(
      'keyed',
      'POST',
      () => '/v1/auth/api-keys',
      () => ['api_key', ''],
      { name: 'x' },
    ),
  },
  'apikey.list': { denied: notForAgents('GET', '/v1/auth/api-keys', ['api_key', '']) },
  'apikey.revoke': {
    done: async ({ owner }, id) => {
      const { key } = await newApiKey(owner);
      (await owner.api.delete(`/v1/auth/api-keys/${key.id}`, id)).empty();
      return did(owner, ['api_key', key.id]);
    },
    denied: notFor(
      'keyed',
      'DELETE',
      () => `/v1/auth/api-keys/${NOBODY}`,
      () => ['api_key', NOBODY],
    ),
  },

  'audit.export': {
    done: async ({ owner }, id) => {
      if ((await owner.api.get('/v1/audit/export', id)).status !== 200) throw new Error('no export');
      return did(owner, ['audit', '']);
    },
    denied: notFor(
      'member',
      'GET',
      () => '/v1/audit/export',
      () => ['audit', ''],
    ),
  },
  'audit.read': {
    denied: notFor(
      'limited',
      'GET',
      () => '/v1/audit/events',
      () => ['audit', ''],
    ),
  },
  'audit.verify': {
    denied: notFor(
      'member',
      'GET',
      () => '/v1/audit/verify',
      () => ['audit', ''],
    ),
  },

  'auth.success': {
    done: async ({ api, owner: { id: userId, orgId, email, password } }, id) => {
      (await api.post('/v1/auth/token', { email, password }, id)).as(200);
      return { orgId, by: user({ id: userId }), about: ['session', ANY_ID], details: { method: 'password' } };
    },
  },
  'auth.failure': {
    done: async ({ owner }, id) => {
      // Somebody turns a device away: for the device it is a login that failed.
      const { user_code } = await newDevice(owner.api);
      (await owner.api.post('/v1/auth/device/deny', { user_code }, id)).as(200);
      return refusedTo(owner, ['user', owner.id], { method: 'device' });
    },
    denied: async ({ api, owner }, id) => {
      (await api.post('/v1/auth/token', { email: owner.email, password: randomPassword() }, id)).refused(401);
      return { ...refusedTo(owner, ['user', owner.id], { method: 'password' }), by: ANONYMOUS };
    },
  },
  'auth.logout': {
    done: async ({ owner }, id) => {
      (await (await again(owner)).delete('/v1/auth/token', id)).empty();
      return did(owner, ['session', ANY_ID]);
    },
    denied: async ({ api }, id) => {
      const fenced = await newOwner(api);
      await newRule(fenced.api, '198.51.100.7');
      (await fenced.api.from('198.51.100.7').delete('/v1/auth/token', id)).refused(403);
      return refusedTo(fenced, ['session', '']);
    },
  },
  'auth.challenge': {
    done: async ({ api }, id) => {
      const owner = await newOwnerWithMfa(api);
      const { email, password } = owner;
      (await api.post('/v1/auth/token', { email, password }, id)).as(200);
      return { ...did(owner, ['user', owner.id], { method: 'password' }), by: ANONYMOUS };
    },
  },
  'auth.change_password': {
    done: async ({ api }, id) => {
      const owner = await newOwner(api);
      const change = { current_password: owner.password, new_password: randomPassword() };
      (await owner.api.post('/v1/auth/change-password', change, id)).empty();
      return did(owner, ['user', owner.id]);
    },
    denied: async ({ owner }, id) => {
      const change = { current_password: randomPassword(), new_password: randomPassword() };
      (await owner.api.post('/v1/auth/change-password', change, id)).refused(400);
      return refusedTo(owner, ['user', owner.id]);
    },
  },
  'auth.device_approve': {
    done: async ({ owner }, id) => {
      const { user_code } = await newDevice(owner.api);
      (await owner.api.post('/v1/auth/device/approve', { user_code }, id)).as(200);
      return did(owner, ['user', owner.id], { method: 'device' });
    },
    denied: notFor(
      'keyed',
      'POST',
      () => '/v1/auth/device/approve',
      () => ['user', ''],
      { user_code: 'BCDF-GHJK' },
    ),
  },
  'auth.device_deny': {
    denied: notFor(
      'keyed',
      'POST',
      () => '/v1/auth/device/deny',
      () => ['user', ''],
      { user_code: 'BCDF-GHJK' },
    ),
  },
  'auth.link': {
    done: async ({ api, google }, id) => {
      const owner = await newOwner(api);
      const claims = { sub: randomUUID(), aud: GOOGLE_CLIENT, email: owner.email, email_verified: true };
      (await api.post('/v1/auth/google', { id_token: await google.token(claims) }, id)).as(200);
      return { ...did(owner, ['user', owner.id], { provider: 'google', taken_over: true }), beside: ['auth.success'] };
    },
  },
  'auth.profile': { denied: notForAgents('GET', '/v1/auth/me', ['user', '']) },
  'auth.update_profile': {
    done: async ({ owner }, id) => {
      (await owner.api.send('PATCH', '/v1/auth/me', { display_name: 'Walked' }, id)).as(200);
      return did(owner, ['user', owner.id], { fields: ['display_name'] });
    },
    denied: notForAgents('PATCH', '/v1/auth/me', ['user', ''], { display_name: 'x' }),
  },

  'billing.overage_method': {
    done: async ({ owner }, id) => {
      (await owner.api.send('PATCH', '/v1/billing/overage-method', { method: 'credits' }, id)).as(200);
      return did(owner, ['org', owner.orgId], { overage_method: 'credits' });
    },
    denied: notFor('member', 'PATCH', () => '/v1/billing/overage-method', aboutOrg, { method: 'credits' }),
  },
  'billing.read': { denied: notForAgents('GET', '/v1/billing/usage', ['org', '']) },
  'billing.subscribe': { denied: notForAgents('POST', '/v1/billing/subscribe', ['subscription', ''], {}) },
  'billing.portal': { denied: notForAgents('POST', '/v1/billing/portal', ['subscription', '']) },
  'billing.topup': { denied: notForAgents('POST', '/v1/billing/credits/topup', ['credits', ''], {}) },

  'cmek.enable': {
    done: async ({ owner }, id) => {
      const vault = await newVault(owner);
      (await owner.api.post(`/v1/vaults/${vault.id}/cmek`, { fingerprint: OLD.fingerprint }, id)).as(200);
      return did(owner, ['vault', vault.id], { fingerprint: OLD.fingerprint });
    },
    denied: notFor('member', 'POST', (world) => vaultUrl(world, '/cmek'), inVault, { fingerprint: OLD.fingerprint }),
  },
  'cmek.disable': {
    done: async (world, id) => {
      const vault = await withClientKey(world);
      (await world.owner.api.delete(`/v1/vaults/${vault.id}/cmek`, id)).as(200);
      return did(world.owner, ['vault', vault.id]);
    },
    denied: notFor('member', 'DELETE', (world) => vaultUrl(world, '/cmek'), inVault),
  },
  'cmek.rotate': {
    done: async (world, id) => {
      const vault = await withClientKey(world);
      const url = `/v1/vaults/${vault.id}/cmek-rotate`;
      (await world.owner.api.post(url, rotation.body, { ...rotation.headers, ...id })).as(202);
      return did(world.owner, ['vault', vault.id], { status: 'running' });
    },
    denied: async (world, id) => {
      const headers = { ...rotation.headers, ...id };
      (await world.member.api.post(vaultUrl(world, '/cmek-rotate'), rotation.body, headers)).refused(403);
      return refusedTo(world.member, inVault(world));
    },
  },

  'iprule.create': {
    done: async ({ owner }, id) => {
      const rule = { rule_type: 'block', cidr: '192.0.2.9' };
      const made = (await owner.api.post('/v1/security/ip-rules', rule, id)).as<{ id: string }>(201);
      return did(owner, ['ip_rule', made.id]);
    },
    denied: notFor(
      'member',
      'POST',
      () => '/v1/security/ip-rules',
      () => ['ip_rule', ''],
      {
        rule_type: 'block',
        cidr: '192.0.2.9',
      },
    ),
  },
  'iprule.delete': {
    done: async ({ owner }, id) => {
      const rule = await newRule(owner.api);
      (await owner.api.delete(`/v1/security/ip-rules/${rule}`, id)).empty();
      return did(owner, ['ip_rule', rule]);
    },
    denied: notFor(
      'member',
      'DELETE',
      () => `/v1/security/ip-rules/${NOBODY}`,
      () => ['ip_rule', NOBODY],
    ),
  },
  'iprule.list': { denied: notFor('member', 'GET', () => '/v1/security/ip-rules', aboutOrg) },

  'mfa.enable': {
    done: async ({ api }, id) => {
      const owner = await newOwner(api);
      const { secret } = (await owner.api.post('/v1/auth/mfa/setup')).as<MfaSetup>(200);
      const code = new Authenticator(secret).next();
      (await owner.api.post('/v1/auth/mfa/verify-setup', { code }, id)).as(200);
      return did(owner, ['user', owner.id]);
    },
    denied: notFor(
      'keyed',
      'POST',
      () => '/v1/auth/mfa/setup',
      () => ['user', ''],
    ),
  },
  'mfa.disable': {
    done: async ({ api }, id) => {
      const owner = await newOwnerWithMfa(api);
      (await owner.api.send('DELETE', '/v1/auth/mfa', { password: owner.password }, id)).empty();
      return did(owner, ['user', owner.id]);
    },
    denied: notFor(
      'keyed',
      'DELETE',
      () => '/v1/auth/mfa',
      () => ['user', ''],
      { code: '000000' },
    ),
  },
  'mfa.status': { denied: notForAgents('GET', '/v1/auth/mfa/status', ['user', '']) },

  'org.list': { denied: notFor('member', 'GET', () => '/v1/org/members', aboutOrg) },
  'org.invite': {
    done: async ({ owner }, id) => {
      const email = randomEmail();
      (await owner.api.post('/v1/org/invite', { email }, id)).as(200);
      return did(owner, ['invitation', ANY_ID], { email, role: 'member' });
    },
    denied: notFor('member', 'POST', () => '/v1/org/invite', aboutOrg, { email: randomEmail() }),
  },
  'org.revoke_invite': {
    done: async (world, id) => {
      const invitation = await invited(world);
      (await world.owner.api.delete(`/v1/org/invitations/${invitation.id}`, id)).empty();
      return did(world.owner, ['invitation', invitation.id]);
    },
    denied: notFor(
      'member',
      'DELETE',
      () => `/v1/org/invitations/${NOBODY}`,
      () => ['invitation', NOBODY],
    ),
  },
  'org.join': {
    done: async (world, id) => {
      const invitation = await invited(world);
      const account = { email: invitation.email, password: randomPassword(), invite_token: await invitation.token() };
      (await world.api.post('/v1/auth/signup', account, id)).as(200);
      const joined: Told['about'] = ['user', ANY_ID];
      const by = { type: 'user' as const, id: ANY_ID as unknown as string };
      return {
        ...did(world.owner, joined, { role: 'member', invited_by: world.owner.id }),
        by,
        beside: ['auth.success'],
      };
    },
  },
  'org.role': {
    done: async ({ owner, catcher }, id) => {
      const raised = await newMember(owner, 'member', catcher);
      (await owner.api.send('PATCH', `/v1/org/members/${raised.id}`, { role: 'admin' }, id)).as(200);
      return did(owner, ['user', raised.id], { from: 'member', to: 'admin' });
    },
    denied: notFor(
      'member',
      'PATCH',
      ({ owner }) => `/v1/org/members/${owner.id}`,
      ({ owner }) => ['user', owner.id],
      {
        role: 'member',
      },
    ),
  },
  'org.remove': {
    done: async ({ owner, catcher }, id) => {
      const removed = await newMember(owner, 'member', catcher);
      (await owner.api.delete(`/v1/org/members/${removed.id}`, id)).empty();
      return did(owner, ['user', removed.id], { role: 'member' });
    },
    denied: notFor(
      'member',
      'DELETE',
      ({ owner }) => `/v1/org/members/${owner.id}`,
      ({ owner }) => ['user', owner.id],
    ),
  },
  'org.delete': {
    done: async ({ api }, id) => {
      const last = await newOwner(api);
      (await last.api.send('DELETE', '/v1/auth/me', deletion, id)).empty();
      return { ...did(last, ['org', last.orgId]), beside: ['user.delete'] };
    },
  },
  'user.delete': {
    done: async ({ owner, catcher }, id) => {
      const leaving = await newMember(owner, 'member', catcher);
      (await leaving.api.send('DELETE', '/v1/auth/me', deletion, id)).empty();
      return did(leaving, ['user', leaving.id]);
    },
    denied: notForAgents('DELETE', '/v1/auth/me', ['user', ''], deletion),
  },

  'policy.create': {
    done: async ({ owner, vault, agent }, id) => {
      const policy = {
        secret_path_pattern: 'y',
        principal_type: 'agent',
        principal_id: agent.id,
        permissions: ['read'],
      };
      const made = (await owner.api.post(`/v1/vaults/${vault.id}/policies`, policy, id)).as<{ id: string }>(201);
      return did(owner, ['policy', made.id], { vault_id: vault.id, secret_path_pattern: 'y', principal_id: agent.id });
    },
    denied: async (world, id) => {
      const { agent } = world;
      const policy = {
        secret_path_pattern: 'y',
        principal_type: 'agent',
        principal_id: agent.id,
        permissions: ['read'],
      };
      (await world.member.api.post(vaultUrl(world, '/policies'), policy, id)).refused(403);
      return refusedTo(world.member, inVault(world));
    },
  },
  'policy.update': {
    done: async (world, id) => {
      const policy = await policyOf(world);
      (await world.owner.api.put(vaultUrl(world, `/policies/${policy.id}`), { permissions: ['write'] }, id)).as(200);
      return did(world.owner, ['policy', policy.id], { vault_id: world.vault.id, permissions: ['write'] });
    },
    denied: notFor('member', 'PUT', (world) => vaultUrl(world, `/policies/${NOBODY}`), inVault, {
      permissions: ['read'],
    }),
  },
  'policy.delete': {
    done: async (world, id) => {
      const policy = await policyOf(world);
      (await world.owner.api.delete(vaultUrl(world, `/policies/${policy.id}`), id)).empty();
      return did(world.owner, ['policy', policy.id], { vault_id: world.vault.id });
    },
    denied: notFor('member', 'DELETE', (world) => vaultUrl(world, `/policies/${NOBODY}`), inVault),
  },
  'policy.list': { denied: notFor('member', 'GET', (world) => vaultUrl(world, '/policies'), inVault) },
  'policy.explain': {
    denied: notFor('member', 'POST', (world) => vaultUrl(world, '/policies/explain'), inVault, {
      principal_type: 'agent',
      principal_id: NOBODY,
      path: PATH,
      permission: 'read',
    }),
  },

  'secret.read': {
    done: async (world, id) => {
      (await world.agent.api.get(secretUrl(world.vault, PATH), id)).as(200);
      const read = did(world.owner, ['secret', world.secretId], { ...place(world), version: 1 });
      return { ...read, by: agentOf(world) };
    },
    denied: async (world, id) => {
      (await world.member.api.get(secretUrl(world.vault, PATH), id)).refused(403);
      return refusedTo(world.member, inVault(world), place(world));
    },
  },
  'secret.write': {
    done: async (world, id) => {
      const { id: secret } = (await world.owner.api.put(secretUrl(world.vault, 'w'), { value: 'v' }, id)).as<{
        id: string;
      }>(201);
      return did(world.owner, ['secret', secret], { ...place(world, 'w'), version: 1 });
    },
    denied: async (world, id) => {
      (await world.member.api.put(secretUrl(world.vault, 'w'), { value: 'v' }, id)).refused(403);
      return refusedTo(world.member, inVault(world), place(world, 'w'));
    },
  },
  'secret.list': {
    done: async (world, id) => {
      (await world.agent.api.get(vaultUrl(world, '/secrets'), id)).as(200);
      return { ...did(world.owner, inVault(world), { vault_id: world.vault.id }), by: agentOf(world) };
    },
    denied: notFor('member', 'GET', (world) => vaultUrl(world, '/secrets'), inVault),
  },
  'secret.delete': {
    done: async (world, id) => {
      const { id: secret } = (await world.owner.api.put(secretUrl(world.vault, 'd'), { value: 'v' })).as<{
        id: string;
      }>(201);
      (await world.owner.api.delete(secretUrl(world.vault, 'd'), id)).empty();
      return did(world.owner, ['secret', secret], place(world, 'd'));
    },
    denied: async (world, id) => {
      (await world.member.api.delete(secretUrl(world.vault, PATH), id)).refused(403);
      return refusedTo(world.member, inVault(world), place(world));
    },
  },
  'secret.restore': {
    done: async (world, id) => {
      const { id: secret } = (await world.owner.api.put(secretUrl(world.vault, 'r'), { value: 'v' })).as<{
        id: string;
      }>(201);
      (await world.owner.api.delete(secretUrl(world.vault, 'r'))).empty();
      (await world.owner.api.post(vaultUrl(world, '/restore'), { path: 'r' }, id)).as(200);
      return did(world.owner, ['secret', secret], place(world, 'r'));
    },
    denied: async (world, id) => {
      (await world.member.api.post(vaultUrl(world, '/restore'), { path: PATH }, id)).refused(403);
      return refusedTo(world.member, inVault(world), place(world));
    },
  },

  'share.create': {
    done: async (world, id) => {
      const body = { recipient_type: 'anyone_with_link', expires_at: new Date(Date.now() + 3_600_000).toISOString() };
      const made = (await world.owner.api.post(`/v1/secrets/${world.secretId}/share`, body, id)).as<{ id: string }>(
        201,
      );
      return did(world.owner, ['share', made.id], { ...shared(world), recipient_type: 'anyone_with_link' });
    },
    denied: async (world, id) => {
      const body = { recipient_type: 'anyone_with_link', expires_at: new Date(Date.now() + 3_600_000).toISOString() };
      (await world.member.api.post(`/v1/secrets/${world.secretId}/share`, body, id)).refused(403);
      return refusedTo(world.member, ['secret', world.secretId]);
    },
  },
  'share.access': {
    done: async (world, id) => {
      const made = await share(world.owner.api, world.secretId);
      (await world.api.get(shareUrl(made), id)).as(200);
      const told = did(world.owner, ['share', made.id], { ...shared(world), access_count: 1 });
      return { ...told, by: ANONYMOUS, beside: ['secret.read'] };
    },
    denied: async (world, id) => {
      const made = await share(world.owner.api, world.secretId, { max_access_count: 1 });
      (await world.api.get(shareUrl(made))).as(200);
      (await world.api.get(shareUrl(made), id)).refused(410);
      return { ...refusedTo(world.owner, ['share', made.id], shared(world)), by: ANONYMOUS };
    },
  },
  'share.accept': {
    done: async (world, id) => {
      const made = await toMember(world);
      (await world.member.api.post(`/v1/shares/${made.id}/accept`, undefined, id)).empty();
      return did(world.member, ['share', made.id], shared(world));
    },
    denied: async (world, id) => {
      const made = await toMember(world);
      (await world.stranger.api.post(`/v1/shares/${made.id}/accept`, undefined, id)).refused(404);
      // In the trail of the org whose secret it is.
      return { ...refusedTo(world.owner, ['share', made.id], shared(world)), by: user(world.stranger) };
    },
  },
  'share.decline': {
    done: async (world, id) => {
      const made = await toMember(world);
      (await world.member.api.post(`/v1/shares/${made.id}/decline`, undefined, id)).empty();
      return did(world.member, ['share', made.id], shared(world));
    },
    denied: async (world, id) => {
      const made = await toMember(world);
      (await world.owner.api.post(`/v1/shares/${made.id}/decline`, undefined, id)).refused(404);
      return refusedTo(world.owner, ['share', made.id], shared(world));
    },
  },
  'share.revoke': {
    done: async (world, id) => {
      const made = await share(world.owner.api, world.secretId);
      (await world.owner.api.delete(shareUrl(made), id)).empty();
      return did(world.owner, ['share', made.id], shared(world));
    },
    denied: async (world, id) => {
      const made = await toMember(world);
      await accept(world.member.api, made);
      (await world.member.api.delete(shareUrl(made), id)).refused(403);
      return refusedTo(world.member, ['share', made.id], shared(world));
    },
  },
  'share.list': {
    denied: notFor(
      'limited',
      'GET',
      () => '/v1/shares/inbound',
      () => ['share', ''],
    ),
  },

  'transaction.submit': {
    denied: notFor('owner', 'POST', ({ agent }) => `/v1/agents/${agent.id}/transactions`, aboutAgent, {}),
  },
  'transaction.simulate': {
    denied: notFor('owner', 'POST', ({ agent }) => `/v1/agents/${agent.id}/transactions/simulate`, aboutAgent, {}),
  },
  'transaction.list': {
    denied: notFor('limited', 'GET', ({ agent }) => `/v1/agents/${agent.id}/transactions`, aboutAgent),
  },
  'transaction.get': {
    denied: notFor('limited', 'GET', ({ agent }) => `/v1/agents/${agent.id}/transactions/${NOBODY}`, aboutAgent),
  },

  'vault.create': {
    done: async ({ owner }, id) => {
      const { id: vault } = (await owner.api.post('/v1/vaults', { name: 'walked' }, id)).as<{ id: string }>(201);
      return did(owner, ['vault', vault], { vault_id: vault, name: 'walked' });
    },
    denied: notForAgents('POST', '/v1/vaults', ['vault', ''], { name: 'x' }),
  },
  'vault.list': {
    denied: notFor(
      'limited',
      'GET',
      () => '/v1/vaults',
      () => ['vault', ''],
    ),
  },
  'vault.read': { denied: notFor('member', 'GET', (world) => vaultUrl(world), inVault) },
  'vault.delete': {
    done: async ({ owner }, id) => {
      const vault = await newVault(owner);
      (await owner.api.delete(`/v1/vaults/${vault.id}`, id)).empty();
      return did(owner, ['vault', vault.id], { vault_id: vault.id });
    },
    denied: notFor('member', 'DELETE', (world) => vaultUrl(world), inVault),
  },
  'vault.rotate_kek': {
    done: async ({ owner }, id) => {
      const vault = await newVault(owner);
      (await owner.api.post(`/v1/vaults/${vault.id}/rotate-kek`, undefined, id)).as(202);
      return did(owner, ['vault', vault.id], { vault_id: vault.id, status: 'running' });
    },
    denied: notFor('member', 'POST', (world) => vaultUrl(world, '/rotate-kek'), inVault),
  },
};
