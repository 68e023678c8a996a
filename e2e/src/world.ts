import { randomBytes, randomInt } from 'node:crypto';
import { Api } from './client.js';
import { invitationToken } from './mails.js';
import type { Agent, AgentCreated, ApiKeyCreated, Policy, Signup, Token, Vault } from './types.js';

/** A person who just signed up: owner of a fresh org. */
export interface Owner {
  api: Api;
  id: string;
  orgId: string;
  email: string;
  password: string;
}

export interface RegisteredAgent {
  id: string;
  apiKey: string;
  record: Agent;
}

/** An agent with a token. */
export interface WorkingAgent extends RegisteredAgent {
  api: Api;
}

/** The gateway of the stack that all suites share (tools/jest/e2e-setup.mjs), without a token. */
export function gateway(): Api {
  const baseUrl = process.env['E2E_BASE_URL'];
  if (!baseUrl) throw new Error('E2E_BASE_URL is not set: run the suites as `npm test -- e2e`.');
  return new Api({ baseUrl, ip: randomIp() });
}

/** All gateways of that stack, each seen from the same address. */
export function gateways(): Api[] {
  const ip = randomIp();
  return (process.env['E2E_GATEWAY_URLS'] ?? '').split(',').map((baseUrl) => new Api({ baseUrl, ip }));
}

/** From 10.0.0.0/8, so that throttles per address do not tie tests together. */
export function randomIp(): string {
  return `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
}

export function randomEmail(): string {
  return `${randomBytes(8).toString('hex')}@example.com`;
}

export function randomPassword(): string {
  return randomBytes(15).toString('base64url');
}

export async function newOwner(at: Api = gateway(), fields: Record<string, unknown> = {}): Promise<Owner> {
  const credentials = { email: randomEmail(), password: randomPassword(), ...fields };
  const { access_token } = (await at.post('/v1/auth/signup', credentials)).as<Signup>(200);
  const claims = claimsOf(access_token);
  const { email, password } = credentials;
  return { api: at.as(access_token), id: claims.sub.replace('user:', ''), orgId: claims.org, email, password };
}

/** The first owner of the platform's org, in the shared stack or another one. */
export async function platformAdmin(at: Api = gateway(), credentials = sharedAdmin()): Promise<Owner> {
  const { access_token } = (await at.post('/v1/auth/token', credentials)).as<Token>(200);
  const claims = claimsOf(access_token);
  return { api: at.as(access_token), id: claims.sub.replace('user:', ''), orgId: claims.org, ...credentials };
}

function sharedAdmin(): { email: string; password: string } {
  return JSON.parse(process.env['E2E_ADMIN'] ?? '') as { email: string; password: string };
}

/** Somebody who signs up by invitation of an owner. */
export async function newMember(owner: Owner, role = 'member', catcher?: string): Promise<Owner> {
  const email = randomEmail();
  (await owner.api.post('/v1/org/invite', { email, role })).as(200);
  const invite_token = await invitationToken(email, 1, catcher);
  return newOwner(owner.api.as(undefined), { email, invite_token });
}

/** A personal API key of the owner's. */
export async function newApiKey(owner: Owner, fields: Record<string, unknown> = {}): Promise<ApiKeyCreated> {
  return (await owner.api.post('/v1/auth/api-keys', { name: 'a key', ...fields })).as<ApiKeyCreated>(201);
}

export async function newVault(owner: Owner, fields: Record<string, unknown> = {}): Promise<Vault> {
  return (await owner.api.post('/v1/vaults', { name: 'a vault', ...fields })).as<Vault>(201);
}

export async function registerAgent(owner: Owner, fields: Record<string, unknown> = {}): Promise<RegisteredAgent> {
  const { agent, api_key } = (await owner.api.post('/v1/agents', { name: 'an agent', ...fields })).as<AgentCreated>(
    201,
  );
  return { id: agent.id, apiKey: api_key ?? '', record: agent };
}

export async function logIn(agent: RegisteredAgent, at: Api): Promise<WorkingAgent> {
  const answer = await at.as(undefined).post('/v1/auth/agent-token', { agent_id: agent.id, api_key: agent.apiKey });
  return { ...agent, api: at.as(answer.as<Token>(200).access_token) };
}

export interface Grant {
  vault: Vault;
  pattern: string;
  permissions?: string[];
  conditions?: Record<string, unknown>;
}

/** An agent with a token and the policies asked for (`read` unless told). */
export async function newAgent(
  owner: Owner,
  grants: Grant[] = [],
  fields: Record<string, unknown> = {},
): Promise<WorkingAgent> {
  const agent = await registerAgent(owner, fields);
  for (const each of grants) await grant(owner, agent.id, each);
  return logIn(agent, owner.api);
}

export async function grant(
  owner: Owner,
  agentId: string,
  { vault, pattern, permissions, ...rest }: Grant,
): Promise<Policy> {
  const policy = {
    secret_path_pattern: pattern,
    principal_type: 'agent',
    principal_id: agentId,
    permissions: permissions ?? ['read'],
    ...rest,
  };
  return (await owner.api.post(`/v1/vaults/${vault.id}/policies`, policy)).as<Policy>(201);
}

/** An owner with a vault. */
export async function newOwnerWithVault(): Promise<{ owner: Owner; vault: Vault }> {
  const owner = await newOwner();
  return { owner, vault: await newVault(owner) };
}

export function secretUrl(vault: { id: string }, path: string): string {
  return `/v1/vaults/${vault.id}/secrets/${path}`;
}

export interface Claims {
  iss: string;
  aud: string;
  sub: string;
  org: string;
  iat: number;
  exp: number;
  jti: string;
  role?: string;
  email?: string;
  scopes?: string[];
  vault_ids?: string[];
  intents_api_enabled?: boolean;
}

/** The claims of a JWT, unverified. */
export function claimsOf(jwt: string): Claims {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Claims;
}
