import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { OPERATIONS } from '../operations.js';
import { buildDocument } from './document.js';
import { openApiPath } from './path.js';

interface Schema {
  properties: Record<string, unknown>;
  additionalProperties?: boolean;
}

interface Document {
  paths: Record<
    string,
    Record<string, { operationId: string; security?: unknown[]; responses: Record<string, unknown> }>
  >;
  components: { schemas: Record<string, Schema>; responses: Record<string, unknown> };
}

const document = buildDocument(OPERATIONS) as unknown as Document;
const documented = OPERATIONS.filter((operation) => operation.documented !== false);

/** Field names that strict clients know (contract, section 1); what a client may miss is not repeated here. */
const EXACT: Record<string, string> = {
  TokenResponse: 'access_token token_type expires_in',
  VaultResponse: 'id name description created_by created_by_type created_at cmek_enabled cmek_fingerprint',
  SecretResponse: 'id path type value version metadata created_by created_at expires_at cmek_encrypted',
  SecretMetadataResponse: 'id path type version metadata created_at expires_at',
  PolicyResponse:
    'id vault_id secret_path_pattern principal_type principal_id permissions conditions expires_at created_by created_by_type created_at',
  AgentResponse:
    'id name description auth_method scopes is_active intents_api_enabled tx_to_allowlist tx_max_value_eth tx_daily_limit_eth tx_allowed_chains token_ttl_seconds vault_ids client_cert_fingerprint oidc_issuer oidc_client_id ssh_public_key ecdh_public_key shroud_enabled shroud_config created_at expires_at last_active_at',
  AgentCreatedResponse: 'agent api_key',
  CmekRotationJobResponse:
    'id vault_id old_fingerprint new_fingerprint status total_secrets processed error started_at completed_at created_at',
  JwtPublicKeyResponse: 'alg public_key_base64',
};

describe('the OpenAPI document', () => {
  it('is what apps/gateway/openapi.json says', () => {
    const kept = readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8');
    expect(kept).toBe(`${JSON.stringify(document, null, 2)}\n`);
  });

  it('has every operation once, under an id of its own', () => {
    const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map((each) => each.operationId));
    expect(ids.sort()).toEqual(documented.map((operation) => operation.id).sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(Object.entries(EXACT))('gives %s exactly its fields', (name, fields) => {
    const schema = document.components.schemas[name];
    expect(Object.keys(schema?.properties ?? {}).sort()).toEqual(fields.split(' ').sort());
    expect(schema?.additionalProperties).toBe(false);
  });

  it('closes no other answer to new fields', () => {
    const closed = Object.entries(document.components.schemas).filter(
      ([, schema]) => schema.additionalProperties === false,
    );
    expect(closed.map(([name]) => name).sort()).toEqual([...Object.keys(EXACT), 'AgentTokenResponse'].sort());
  });

  it('refers to nothing that it does not have', () => {
    const references = JSON.stringify(document).match(/#\/components\/[a-zA-Z0-9/]+/g) ?? [];
    expect(references.length).toBeGreaterThan(0);
    for (const reference of new Set(references)) {
      const [, , kind, name] = reference.split('/') as [string, string, 'schemas' | 'responses', string];
      expect([reference, document.components[kind][name] !== undefined]).toEqual([reference, true]);
    }
  });

  it.each(documented.map((operation) => [operation.id, operation] as const))(
    'tells all that %s can answer',
    (_, operation) => {
      const found = document.paths[openApiPath(operation.path)]?.[operation.method.toLowerCase()];
      const statuses = Object.keys(found?.responses ?? {});
      const always = ['429', '500', '503', 'default', String(operation.answer.status)];
      const atTheDoor = operation.access === 'public' ? [] : ['400', '401', '403'];
      expect(statuses).toEqual(expect.arrayContaining([...always, ...atTheDoor]));
      expect(found?.security).toEqual(operation.access === 'public' ? [] : undefined);
    },
  );
});

/** A question that does not fit into a URL. */
const ASKING = new Set(['explainAccess']);

describe('the operations', () => {
  it('name what the trail calls an attempt, wherever somebody can be barred', () => {
    const barring = OPERATIONS.filter(
      ({ access, keyScope }) => access !== 'public' && !(access.users && access.agents === true && keyScope === 'any'),
    );
    expect(barring.filter((operation) => operation.audit === undefined).map((operation) => operation.id)).toEqual([]);
  });

  it('of an area ask the scopes of personal API keys for it, to read or to write', () => {
    const areas: Record<string, string> = {
      Vaults: 'vaults',
      Secrets: 'secrets',
      Policies: 'policies',
      Agents: 'agents',
      Audit: 'audit',
    };
    for (const { id, tag, method, access, keyScope } of OPERATIONS) {
      const area = areas[tag];
      if (area === undefined || access === 'public' || !access.users) continue;
      expect([id, keyScope]).toEqual([id, `${area}:${method === 'GET' || ASKING.has(id) ? 'read' : 'write'}`]);
    }
  });

  it('validate every parameter of their path', () => {
    for (const { id, path, params } of OPERATIONS) {
      const named = [...path.matchAll(/[:*](\w+)/g)].map((match) => match[1]);
      expect([id, Object.keys(params?.shape ?? {})]).toEqual([id, named]);
    }
  });
});
