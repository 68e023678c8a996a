import { randomInt } from 'node:crypto';
import type { Stack } from '@oneclaw/stack';
import { ClientKey, rotationHeaders } from './client-key.js';
import type { Api, Headers } from './client.js';
import { newDevice } from './devices.js';
import { eventually } from './eventually.js';
import type { Kind } from './matrix-table.js';
import type { Document } from './openapi.js';
import { inAnHour, share } from './shares.js';
import { gatewayOf, ownStack } from './stacks.js';
import type { SecretMetadata, Token } from './types.js';
import {
  grant,
  logIn,
  newAgent,
  newApiKey,
  newMember,
  newOwner,
  newVault,
  platformAdmin,
  randomEmail,
  randomIp,
  randomPassword,
  registerAgent,
  secretUrl,
  type Owner,
  type RegisteredAgent,
} from './world.js';

export interface Operation {
  method: string;
  /** As the document writes the path. */
  template: string;
  hasBody: boolean;
  /** Not with a personal API key, limited or not. */
  interactive: boolean;
}

/** Every operation of the document. */
export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([template, item]) =>
    Object.entries(item).map(([method, operation]) => {
      const { requestBody, 'x-oneclaw-callers': callers } = operation as unknown as Described;
      const interactive = callers.interactive === true;
      return { method: method.toUpperCase(), template, hasBody: requestBody !== undefined, interactive };
    }),
  );
}

interface Described {
  requestBody?: object;
  'x-oneclaw-callers': { interactive?: true };
}

/** Whoever calls, again and again. */
export interface Caller {
  token: string | undefined;
  /** Makes another token of the same kind, where the one before was used up. */
  renew?: () => Promise<string | undefined>;
}

/** An org with callers of every kind, and a stranger. */
export interface World {
  stack: Stack;
  api: Api;
  owner: Owner;
  callers: Record<Kind, Caller[]>;
  /** Who runs the installation. */
  platform: Owner;
  /** A `1ck_…` of the owner, limited by nothing. */
  personalKey: string;
  /** The agent that calls. */
  agentId: string;
  /** An agent that never calls: whom policies and tokens are for. */
  bystander: RegisteredAgent;
  catcher: string;
}

/** Agents that ask for no lifetime of their own have tokens that are over at once. */
const SHORT = { 'auth-svc': { AGENT_TOKEN_LIFETIME: '1s' } };
const LASTING = { token_ttl_seconds: 3600 };
/** Proxies are trusted, so that each call can come from an address of its own; no plan and no limit is in the way. */
const ROOMY = { gateway: { TRUSTED_PROXIES: '127.0.0.0/8,::1' }, 'billing-svc': { DEFAULT_TIER: 'enterprise' } };

/** On a stack of its own, whose tokens of agents can expire in the time of a test. */
export async function newWorld(): Promise<World> {
  const stack = await ownStack({ mail: true, env: { ...SHORT, ...ROOMY } });
  const api = gatewayOf(stack);
  const catcher = stack.mail?.restUrl ?? '';
  const [owner, stranger] = [await newOwner(api), await newOwner(api)];
  const [admin, member] = [await newMember(owner, 'admin', catcher), await newMember(owner, 'member', catcher)];
  const [agent, bystander] = [await newAgent(owner, [], LASTING), await registerAgent(owner, LASTING)];
  const platform = await platformAdmin(api, stack.admin);
  const { api_key: personalKey } = await newApiKey(owner);
  const { api_key: limitedKey } = await newApiKey(owner, { scopes: ['vaults:read', 'secrets:read'] });
  const callers = {
    nobody: [undefined, 'eyJhbGciOiJFZERTQSJ9.e30.AAAA', await expiredToken(owner), await revokedToken(owner)].map(
      (token) => ({ token }),
    ),
    stranger: [await person(stranger)],
    agent: [{ token: agent.api.token, renew: async () => (await logIn(agent, api)).api.token }],
    key: [{ token: limitedKey }],
    member: [await person(member)],
    admin: [await person(admin)],
    owner: [await person(owner)],
    platform: [await person(platform)],
  };
  return { stack, api, owner, platform, callers, personalKey, agentId: agent.id, bystander, catcher };
}

/** With a token of their own for the calls: the owner's first one furnishes the world. */
async function person(who: Owner): Promise<Caller> {
  const renew = () => newToken(who);
  return { token: await renew(), renew };
}

async function newToken({ api, email, password }: Owner): Promise<string> {
  return (await api.as(undefined).post('/v1/auth/token', { email, password })).as<Token>(200).access_token;
}

async function expiredToken(owner: Owner): Promise<string | undefined> {
  const { api } = await newAgent(owner);
  await eventually('the token expires', 10_000, async () =>
    (await api.get('/v1/vaults')).status === 401 ? true : undefined,
  );
  return api.token;
}

async function revokedToken(owner: Owner): Promise<string> {
  const token = await newToken(owner);
  (await owner.api.as(token).delete('/v1/auth/token')).empty();
  return token;
}

/** Keys that clients keep: vaults are moved from the first to the second. */
const [OLD_KEY, NEW_KEY] = [new ClientKey(), new ClientKey()];
const ROTATION = { new_fingerprint: NEW_KEY.fingerprint };

async function enableCmek({ owner }: World, { vault_id }: Things): Promise<void> {
  (await owner.api.post(`/v1/vaults/${vault_id}/cmek`, { fingerprint: OLD_KEY.fingerprint })).as(200);
}

/** What the parameters of a path name. */
export type Things = Readonly<Record<string, string>>;

/** Makes what a parameter names, in the org of the world; `things` are those of the parameters before it. */
const MAKERS: Record<string, (world: World, things: Things) => Promise<Things>> = {
  vault_id: async ({ owner, agentId }) => {
    const vault = await newVault(owner);
    await grant(owner, agentId, { vault, pattern: '**', permissions: ['read', 'write', 'delete'] });
    for (const path of ['a/b', 'gone']) (await owner.api.put(secretUrl(vault, path), { value: 'v' })).as(201);
    (await owner.api.delete(secretUrl(vault, 'gone'))).empty();
    return { vault_id: vault.id, path: 'a/b' };
  },
  job_id: async (world, things) => {
    await enableCmek(world, things);
    const url = `/v1/vaults/${things['vault_id']}/cmek-rotate`;
    const started = await world.owner.api.post(url, ROTATION, rotationHeaders(OLD_KEY, NEW_KEY));
    return { job_id: started.as<{ id: string }>(202).id };
  },
  policy_id: async ({ owner, bystander }, { vault_id: id = '' }) => {
    const policy = await grant(owner, bystander.id, { vault: { id } as never, pattern: 'x' });
    return { policy_id: policy.id };
  },
  secret_id: async (world) => {
    const { vault_id: id = '' } = await make('vault_id', world);
    const stored = (await world.owner.api.put(secretUrl({ id }, 'a/b'), { value: 'v' })).as<SecretMetadata>(201);
    return { secret_id: stored.id };
  },
  share_id: async (world) => {
    const { secret_id = '' } = await make('secret_id', world);
    return { share_id: (await share(world.owner.api.from(randomIp()), secret_id)).id };
  },
  agent_id: async ({ owner }) => ({ agent_id: (await registerAgent(owner, LASTING)).id }),
  tx_id: () => Promise.resolve({ tx_id: '0191e3c4-1111-7000-8000-000000000001' }),
  key_id: async ({ owner }) => ({ key_id: (await newApiKey(owner)).key.id }),
  user_code: async ({ api }) => ({ user_code: (await newDevice(api)).user_code }),
  user_id: async ({ owner, catcher }) => ({ user_id: (await newMember(owner, 'member', catcher)).id }),
  invitation_id: async ({ owner }) => {
    (await owner.api.post('/v1/org/invite', { email: randomEmail() })).as(200);
    const { invitations } = (await owner.api.get('/v1/org/invitations')).as<{ invitations: { id: string }[] }>(200);
    return { invitation_id: invitations.at(-1)?.id ?? '' };
  },
  org_id: async ({ api }) => ({ org_id: (await newOwner(api)).orgId }),
  key: async ({ platform }) => {
    (await platform.api.put('/v1/admin/settings/of_the_matrix', { value: 'v' })).as(200);
    return { key: 'of_the_matrix' };
  },
  identifier: () => Promise.resolve({ identifier: 'ethereum' }),
  chain_id: async ({ platform }) => ({
    chain_id: (await platform.api.post('/v1/admin/chains', newChain())).as<{ id: string }>(201).id,
  }),
  rule_id: async ({ owner }) => {
    const rule = { rule_type: 'block', cidr: '192.0.2.1', applies_to: 'agents' };
    return { rule_id: (await owner.api.post('/v1/security/ip-rules', rule)).as<{ id: string }>(201).id };
  },
};

function newChain() {
  const chain_id = randomInt(1_000_000_000, 2_000_000_000);
  return { name: `chain-${chain_id}`, display_name: 'Of the matrix', chain_id };
}

/** A body that passes validation, or an operation would refuse for the wrong reason. */
const BODIES: Record<string, (world: World, things: Things) => unknown> = {
  'POST /v1/auth/signup': () => ({ email: randomEmail(), password: randomPassword() }),
  'POST /v1/auth/token': () => ({ email: randomEmail(), password: randomPassword() }),
  'POST /v1/auth/verify-email': () => ({ token: 'unknown' }),
  'POST /v1/auth/api-key-token': () => ({ api_key: 'unknown' }),
  'POST /v1/auth/google': () => ({ id_token: 'unknown' }),
  'POST /v1/auth/mfa/verify': () => ({ mfa_token: 'unknown', code: '000000' }),
  'POST /v1/auth/mfa/verify-setup': () => ({ code: '000000' }),
  'DELETE /v1/auth/mfa': () => ({ code: '000000' }),
  'POST /v1/auth/device/code': () => ({ client_id: 'of the matrix' }),
  'POST /v1/auth/device/token': () => ({
    device_code: 'unknown',
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
  }),
  'POST /v1/auth/change-password': () => ({ current_password: 'wrong', new_password: randomPassword() }),
  'DELETE /v1/auth/me': () => ({ confirmation: 'not really' }),
  'POST /v1/auth/agent-token': ({ bystander }) => ({ agent_id: bystander.id, api_key: bystander.apiKey }),
  'POST /v1/auth/api-keys': () => ({ name: 'of the matrix' }),
  'POST /v1/auth/device/approve': (_world, { user_code }) => ({ user_code }),
  'POST /v1/auth/device/deny': (_world, { user_code }) => ({ user_code }),
  'POST /v1/agents': () => ({ name: 'of the matrix' }),
  'PATCH /v1/agents/{agent_id}': () => ({ name: 'renamed' }),
  'POST /v1/agents/enroll': () => ({ name: 'of the matrix', human_email: randomEmail() }),
  'POST /v1/vaults': () => ({ name: 'of the matrix' }),
  'PUT /v1/vaults/{vault_id}/secrets/{path}': () => ({ value: 'v' }),
  'POST /v1/vaults/{vault_id}/restore': () => ({ path: 'gone' }),
  'PUT /v1/vaults/{vault_id}/policies/{policy_id}': () => ({ permissions: ['read'] }),
  'POST /v1/vaults/{vault_id}/policies': ({ bystander }) => ({
    secret_path_pattern: 'y',
    principal_type: 'agent',
    principal_id: bystander.id,
    permissions: ['read'],
  }),
  'POST /v1/vaults/{vault_id}/policies/explain': ({ bystander }) => ({
    principal_type: 'agent',
    principal_id: bystander.id,
    path: 'a/b',
    permission: 'read',
  }),
  'POST /v1/vaults/{vault_id}/cmek': () => ({ fingerprint: OLD_KEY.fingerprint }),
  'POST /v1/vaults/{vault_id}/cmek-rotate': () => ROTATION,
  'POST /v1/secrets/{secret_id}/share': () => ({ recipient_type: 'anyone_with_link', expires_at: inAnHour() }),
  'PUT /v1/admin/settings/{key}': () => ({ value: 'v' }),
  'PUT /v1/admin/orgs/{org_id}/billing-tier': () => ({ tier: 'pro' }),
  'POST /v1/admin/chains': newChain,
  'POST /v1/security/ip-rules': () => ({ rule_type: 'block', cidr: '192.0.2.1' }),
  'POST /v1/org/invite': () => ({ email: randomEmail() }),
  'PATCH /v1/org/members/{user_id}': () => ({ role: 'admin' }),
  'PATCH /v1/billing/overage-method': () => ({ method: 'credits' }),
};

/** Headers that an operation cannot do without. */
const HEADERS: Record<string, Headers> = {
  'POST /v1/vaults/{vault_id}/cmek-rotate': rotationHeaders(OLD_KEY, NEW_KEY),
};

/** What must have happened to the things before an operation makes sense. */
const BEFORE: Record<string, (world: World, things: Things) => Promise<unknown>> = {
  'POST /v1/vaults/{vault_id}/cmek-rotate': enableCmek,
  'GET /v1/vaults/{vault_id}/rotate-kek': async ({ owner }, { vault_id }) =>
    (await owner.api.post(`/v1/vaults/${vault_id}/rotate-kek`)).as(202),
};

/** Parameters that stand in no path, but in the body. */
const IN_BODY: Record<string, string> = {
  'POST /v1/auth/device/approve': 'user_code',
  'POST /v1/auth/device/deny': 'user_code',
};

export function nameOf({ method, template }: Pick<Operation, 'method' | 'template'>): string {
  return `${method} ${template}`;
}

/** Things for every parameter of an operation. */
export async function thingsFor(operation: Operation, world: World): Promise<Things> {
  const inBody = IN_BODY[nameOf(operation)];
  const names = [...operation.template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  let things: Things = {};
  for (const name of [...names, ...(inBody ? [inBody] : [])]) {
    if (!(name in things)) things = { ...things, ...(await make(name, world, things)) };
  }
  await BEFORE[nameOf(operation)]?.(world, things);
  return things;
}

async function make(name: string, world: World, things: Things = {}): Promise<Things> {
  const maker = MAKERS[name];
  if (!maker) throw new Error(`Nothing makes a {${name}} yet: add it to MAKERS in matrix.ts.`);
  return maker(world, things);
}

/** Each call comes from an address of its own, so that no limit per address is in the way. */
export async function statusOf(operation: Operation, { token }: Caller, world: World, things: Things): Promise<number> {
  const url = operation.template.replace(/\{(\w+)\}/g, (_match, name: string) => things[name] as string);
  const body = operation.hasBody ? (BODIES[nameOf(operation)]?.(world, things) ?? {}) : undefined;
  return (await world.api.from(randomIp()).as(token).send(operation.method, url, body, HEADERS[nameOf(operation)]))
    .status;
}
