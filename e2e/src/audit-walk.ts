import { randomUUID } from 'node:crypto';
import type { AuditAction } from '@oneclaw/events';
import type { Stack } from '@oneclaw/stack';
import { FakeOidcIssuer } from '@oneclaw/testing';
import type { Api, Headers } from './client.js';
import { eventually } from './eventually.js';
import { asSuperuser } from './faults/database.js';
import { gatewayOf, ownStack } from './stacks.js';
import type { Token, Vault } from './types.js';
import {
  newAgent,
  newApiKey,
  newMember,
  newOwner,
  newVault,
  platformAdmin,
  secretUrl,
  type Owner,
  type WorkingAgent,
} from './world.js';

/** An org with callers of every kind, on a stack where whatever leaves an event can be done. */
export interface World {
  stack: Stack;
  google: FakeOidcIssuer;
  catcher: string;
  api: Api;
  platform: Owner;
  owner: Owner;
  member: Owner;
  /** May do everything with the secrets of the vault. */
  agent: WorkingAgent;
  /** The owner with a personal API key, which is no interactive login. */
  keyed: Owner;
  /** The owner with one that opens nothing but members and IP rules. */
  limited: Owner;
  /** The owner's, with a secret at `a/b`. */
  vault: Vault;
  secretId: string;
  stranger: Owner;
}

export const GOOGLE_CLIENT = 'client.apps.example';
export const PATH = 'a/b';
const LAG_MS = 20_000;

export async function newWorld(): Promise<World> {
  const google = await FakeOidcIssuer.start();
  const stack = await ownStack({
    mail: true,
    env: {
      gateway: { TRUSTED_PROXIES: '127.0.0.0/8,::1' },
      'auth-svc': { GOOGLE_CLIENT_IDS: GOOGLE_CLIENT, GOOGLE_ISSUER: google.url, GOOGLE_JWKS_URL: google.jwksUrl },
      'billing-svc': { DEFAULT_TIER: 'enterprise' },
    },
  });
  const api = gatewayOf(stack);
  const catcher = stack.mail?.restUrl ?? '';
  const owner = await newOwner(api);
  const vault = await newVault(owner);
  const { id: secretId } = (await owner.api.put(secretUrl(vault, PATH), { value: 'v' })).as<{ id: string }>(201);
  const member = await newMember(owner, 'member', catcher);
  const agent = await newAgent(owner, [{ vault, pattern: '**', permissions: ['read', 'write', 'delete'] }]);
  const withKey = async (fields: object): Promise<Owner> => ({
    ...owner,
    api: api.as((await newApiKey(owner, { ...fields })).api_key),
  });
  const [keyed, limited] = [await withKey({}), await withKey({ scopes: ['org:*'] })];
  const [platform, stranger] = [await platformAdmin(api, stack.admin), await newOwner(api)];
  return { stack, google, catcher, api, platform, owner, member, agent, keyed, limited, vault, secretId, stranger };
}

/** A new session of the same person. */
export async function again({ api, email, password }: Owner): Promise<Api> {
  return api.as((await api.as(undefined).post('/v1/auth/token', { email, password })).as<Token>(200).access_token);
}

export interface Actor {
  type: 'user' | 'agent' | 'anonymous' | 'system';
  id: string;
}

export const user = ({ id }: { id: string }): Actor => ({ type: 'user', id });
export const agentOf = ({ agent }: World): Actor => ({ type: 'agent', id: agent.id });
export const ANONYMOUS: Actor = { type: 'anonymous', id: '00000000-0000-0000-0000-000000000000' };

/** What the trail has to say of one call. */
export interface Told {
  orgId: string;
  by: Actor;
  /** Its kind and id; the id may be a matcher, where only the server knows it. */
  about: readonly [type: string, id: unknown];
  details?: Record<string, unknown>;
  /** Of what else the same call leaves an event. */
  beside?: readonly AuditAction[];
}

/** Calls with these headers, and tells what belongs into the trail. */
export type Walk = (world: World, id: Headers) => Promise<Told>;

export interface Walked {
  action: AuditAction;
  outcome: 'done' | 'denied';
  requestId: string;
  told: Told;
}

/** One call after the other, so that no walk disturbs another. */
export async function walk(
  world: World,
  walks: Record<string, { done?: Walk; denied?: Walk }>,
): Promise<{ walked: Walked[]; failures: string[] }> {
  const walked: Walked[] = [];
  const failures: string[] = [];
  for (const [name, outcomes] of Object.entries(walks)) {
    for (const outcome of ['done', 'denied'] as const) {
      const requestId = `${name}.${outcome}.${randomUUID()}`;
      try {
        const told = await outcomes[outcome]?.(world, { 'x-request-id': requestId });
        if (told) walked.push({ action: name as AuditAction, outcome, requestId, told });
      } catch (error) {
        failures.push(`${name}, ${outcome}: ${(error as Error).message}`);
      }
    }
  }
  return { walked, failures };
}

export interface StoredEvent {
  id: string;
  org_id: string;
  actor_type: string;
  actor_id: string;
  action: string;
  resource_type: string;
  resource_id: string;
  details: Record<string, unknown>;
  request_id: string;
}

/**
 * Everything in the trail, of all orgs, also those that are gone: when it holds an event of each of these calls, and of one more of each
 * service, which comes after whatever that service told before.
 */
export async function wholeTrail({ stack, platform, owner, vault }: World, walked: Walked[]): Promise<StoredEvent[]> {
  const last = { 'x-request-id': randomUUID() };
  (await owner.api.send('PATCH', '/v1/auth/me', { display_name: 'the last' }, last)).as(200);
  (await owner.api.get(`/v1/vaults/${vault.id}/secrets`, last)).as(200);
  const limits = { is_sponsored: false };
  (await platform.api.put(`/v1/admin/orgs/${owner.orgId}/limits`, limits, last)).as(200);
  const wanted = walked.map(({ requestId }) => requestId);
  let missing: string[] = [];
  const { value } = await eventually('everything is in the trail', LAG_MS, async () => {
    const events = await storedEvents(stack);
    const found = new Set(events.map(({ request_id }) => request_id));
    missing = wanted.filter((id) => !found.has(id));
    const enough =
      missing.length === 0 && events.filter((event) => event.request_id === last['x-request-id']).length === 3;
    return enough ? events : undefined;
  }).catch(async (error: Error) => {
    if (missing.length === 0) throw error;
    // Each test says what it misses.
    return { value: await storedEvents(stack) };
  });
  return value;
}

async function storedEvents(stack: Stack): Promise<StoredEvent[]> {
  return asSuperuser(stack, 'audit-svc', async (client) => {
    const { rows } = await client.query<StoredEvent>(
      `SELECT id, org_id, actor_type, actor_id, action, resource_type, resource_id, details::json AS details, request_id FROM events`,
    );
    return rows;
  });
}
