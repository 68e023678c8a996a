import { newDevice } from './devices.js';
import { inAnHour, share } from './shares.js';
import type { Document } from './openapi.js';
import {
  grant,
  newAgent,
  newMember,
  newOwnerWithVault,
  randomEmail,
  randomPassword,
  type Owner,
  type WorkingAgent,
} from './world.js';

/** Who the document says may call an operation. */
export interface Callers {
  anyone?: true;
  users?: boolean;
  /** `itself`: its own record only. */
  agents?: boolean | 'itself';
  /** Not by a session from a personal API key. */
  interactive?: true;
  /** What a user must be. */
  only?: 'managers';
}

export interface Cell {
  id: string;
  method: string;
  template: string;
  callers: Callers;
  hasBody: boolean;
  /** False where the document says 501. */
  served: boolean;
}

/** Every operation of the document. */
export function operationsOf(document: Document): Cell[] {
  return Object.entries(document.paths).flatMap(([template, item]) =>
    Object.entries(item).map(([method, operation]) => {
      const { operationId, requestBody, responses, 'x-oneclaw-callers': callers } = operation as unknown as Described;
      const [hasBody, served] = [requestBody !== undefined, !('501' in responses)];
      return { id: operationId, method: method.toUpperCase(), template, callers, hasBody, served };
    }),
  );
}

interface Described {
  operationId: string;
  requestBody?: object;
  responses: object;
  'x-oneclaw-callers': Callers;
}

/** Everything that a path may name, in one org. */
export interface Furnished {
  owner: Owner;
  agent: WorkingAgent;
  /** A `1ck_…` of the owner, limited by nothing. */
  personalKey: string;
  /** Of the same org, without a special role. */
  member: Owner;
  values: Record<string, string>;
}

interface ApiKeyCreated {
  key: { id: string };
  api_key: string;
}

export async function furnish(): Promise<Furnished> {
  const { owner, vault } = await newOwnerWithVault();
  const { id: secretId } = (await owner.api.put(`/v1/vaults/${vault.id}/secrets/a/b`, { value: 'v' })).as<{
    id: string;
  }>(201);
  const shared = await share(owner.api, secretId);
  const agent = await newAgent(owner, [{ vault, pattern: '**', permissions: ['read', 'write', 'delete'] }]);
  const other = await newAgent(owner);
  const policy = await grant(owner, other.id, { vault, pattern: 'x' });
  const { key, api_key } = (await owner.api.post('/v1/auth/api-keys', { name: 'of the matrix' })).as<ApiKeyCreated>(
    201,
  );
  const { user_code } = await newDevice();
  const member = await newMember(owner);
  (await owner.api.post('/v1/org/invite', { email: randomEmail() })).as(200);
  const { invitations } = (await owner.api.get('/v1/org/invitations')).as<{ invitations: { id: string }[] }>(200);
  const invitation_id = invitations[0]?.id ?? '';
  const rule = { rule_type: 'block', cidr: '192.0.2.1', applies_to: 'agents' };
  const { id: rule_id } = (await owner.api.post('/v1/security/ip-rules', rule)).as<{ id: string }>(201);
  const ids = { user_id: member.id, invitation_id, rule_id, secret_id: secretId, share_id: shared.id };
  const named = { agent_id: other.id, key_id: key.id, user_code, ...ids };
  const tx_id = '0191e3c4-1111-7000-8000-000000000001';
  const values = { tx_id, vault_id: vault.id, path: 'a/b', policy_id: policy.id, ...named };
  return { owner, agent, member, personalKey: api_key, values };
}

/** The operation's path with the names of a world. An unknown parameter fails: it must be furnished first. */
export function urlOf({ template }: Cell, { values }: Furnished): string {
  return template.replace(/\{([^}]+)\}/g, (_match, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`furnish() makes nothing for {${name}} of ${template}`);
    return value;
  });
}

/** A body that passes validation, or a new operation would be refused for the wrong reason. */
export function bodyOf({ method, template }: Cell, { agent, values }: Furnished): unknown {
  const bodies: Record<string, unknown> = {
    'POST /v1/auth/signup': { email: randomEmail(), password: randomPassword() },
    'POST /v1/auth/token': { email: randomEmail(), password: randomPassword() },
    'POST /v1/agents': { name: 'of the matrix' },
    'PATCH /v1/agents/{agent_id}': { name: 'renamed' },
    'POST /v1/agents/enroll': { name: 'of the matrix', human_email: randomEmail() },
    'POST /v1/vaults': { name: 'of the matrix' },
    'PUT /v1/vaults/{vault_id}/secrets/{path}': { value: 'v' },
    'POST /v1/vaults/{vault_id}/restore': { path: 'a/b' },
    'PUT /v1/vaults/{vault_id}/policies/{policy_id}': { permissions: ['read'] },
    'POST /v1/vaults/{vault_id}/policies': {
      secret_path_pattern: 'y',
      principal_type: 'agent',
      principal_id: values['agent_id'],
      permissions: ['read'],
    },
    'POST /v1/vaults/{vault_id}/policies/explain': {
      principal_type: 'agent',
      principal_id: values['agent_id'],
      path: 'a/b',
      permission: 'read',
    },
    'POST /v1/secrets/{secret_id}/share': { recipient_type: 'anyone_with_link', expires_at: inAnHour() },
    'POST /v1/auth/api-keys': { name: 'of the matrix' },
    'POST /v1/auth/device/approve': { user_code: values['user_code'] },
    'POST /v1/auth/device/deny': { user_code: values['user_code'] },
    'POST /v1/security/ip-rules': { rule_type: 'block', cidr: '192.0.2.1' },
    'POST /v1/org/invite': { email: randomEmail() },
    'PATCH /v1/org/members/{user_id}': { role: 'admin' },
    'POST /v1/auth/agent-token': { agent_id: agent.id, api_key: agent.apiKey },
  };
  return bodies[`${method} ${template}`] ?? {};
}
