import { describe, expect, it } from '@jest/globals';
import { Agent } from '@oneclaw/contracts/auth';
import { toAgentResponse, toAgentSelfResponse, toCreateRequest, toUpdateRequest } from './agents.mapper.js';
import { agentResponse, createAgentRequest, updateAgentRequest } from './agents.schemas.js';

const AT = new Date('2030-01-02T03:04:05.678Z');
const ID = '0191e3c4-1111-7000-8000-000000000001';
const bare = Agent.fromPartial({
  id: ID,
  name: 'bot',
  authMethod: 'api_key',
  isActive: true,
  createdAt: AT,
  orgId: ID,
  createdBy: ID,
});

const shown = (value: object) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>;

describe('an agent', () => {
  it('without optional fields has its arrays and no empty strings', () => {
    expect(shown(toAgentResponse(bare))).toEqual({
      id: ID,
      name: 'bot',
      auth_method: 'api_key',
      scopes: [],
      is_active: true,
      intents_api_enabled: false,
      tx_to_allowlist: [],
      tx_allowed_chains: [],
      vault_ids: [],
      shroud_enabled: false,
      created_at: '2030-01-02T03:04:05.678Z',
    });
  });

  it('with all of them has exactly the fields of the document', () => {
    const agent = Agent.fromPartial({
      ...bare,
      description: 'd',
      scopes: ['*'],
      txMaxValueEth: '1',
      txDailyLimitEth: '2',
      tokenTtlSeconds: 120,
      clientCertFingerprint: 'f',
      oidcIssuer: 'i',
      oidcClientId: 'c',
      sshPublicKey: Buffer.alloc(32, 1),
      ecdhPublicKey: Buffer.alloc(65, 2),
      shroudConfigJson: '{"pii_policy":"block"}',
      expiresAt: AT,
      lastActiveAt: AT,
    });
    const response = toAgentResponse(agent);
    expect(Object.keys(shown(response)).sort()).toEqual(Object.keys(agentResponse.shape).sort());
    expect(response.ssh_public_key).toBe(Buffer.alloc(32, 1).toString('base64'));
    expect(response.shroud_config).toEqual({ pii_policy: 'block' });
    expect(agentResponse.safeParse(shown(response)).success).toBe(true);
  });

  it('to itself tells its org and who registered it', () => {
    expect(toAgentSelfResponse(bare)).toMatchObject({ id: ID, org_id: ID, created_by: ID });
  });

  it('that does not come is a fault, not an empty answer', () => {
    expect(() => toAgentResponse(undefined)).toThrow('the agent');
  });
});

describe('the request for an agent', () => {
  it('leaves out what was left out', () => {
    expect(
      toCreateRequest({ params: undefined, query: undefined, body: createAgentRequest.parse({ name: 'bot' }) }),
    ).toMatchObject({
      name: 'bot',
      authMethod: '',
      scopes: [],
      tokenTtlSeconds: undefined,
      shroudConfigJson: undefined,
    });
  });

  it('keeps what was given', () => {
    const body = createAgentRequest.parse({
      name: 'bot',
      vault_ids: [ID.toUpperCase()],
      shroud_config: {},
      tx_max_value_eth: '0.5',
    });
    expect(toCreateRequest({ params: undefined, query: undefined, body })).toMatchObject({
      vaultIds: [ID],
      shroudConfigJson: '{}',
      txMaxValueEth: '0.5',
    });
  });
});

describe('the request to change an agent', () => {
  const change = (body: object) =>
    toUpdateRequest({ params: { agent_id: ID }, query: undefined, body: updateAgentRequest.parse(body) });

  it('names what is given, cleared fields without a value', () => {
    const given = change({ name: 'bot', description: null, scopes: null, tx_max_value_eth: null, shroud_config: {} });
    expect(given).toMatchObject({ agentId: ID, isActive: undefined });
    expect(given.fields.sort()).toEqual(['description', 'name', 'scopes', 'shroud_config', 'tx_max_value_eth']);
    expect(given.settings).toMatchObject({
      name: 'bot',
      description: undefined,
      scopes: [],
      txMaxValueEth: undefined,
      shroudConfigJson: '{}',
    });
  });

  it('says nothing about what is not given, nor about what nobody may change', () => {
    expect(change({ auth_method: 'mtls', id: 'x', org_id: 'y', created_by: 'z' }).fields).toEqual([]);
    expect(change({ is_active: false })).toMatchObject({ fields: [], isActive: false });
    expect(change({ is_active: null })).toMatchObject({ fields: [], isActive: undefined });
  });

  it('cannot take its name away', () => {
    expect(updateAgentRequest.safeParse({ name: null }).success).toBe(false);
  });
});
