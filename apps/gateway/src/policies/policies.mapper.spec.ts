import { describe, expect, it } from '@jest/globals';
import { Policy } from '@oneclaw/contracts/vault';
import { toCreateRequest, toPolicyResponse, toUpdateRequest } from './policies.mapper.js';
import { createPolicyRequest, policyResponse, updatePolicyRequest } from './policies.schemas.js';

const AT = new Date('2030-01-02T03:04:05Z');
const params = { vault_id: 'v', policy_id: 'p' };
const update = (body: object) => toUpdateRequest({ params, query: undefined, body: updatePolicyRequest.parse(body) });

describe('a policy', () => {
  it('has exactly the fields of the document', () => {
    const policy = Policy.fromPartial({
      id: 'p',
      vaultId: 'v',
      permissions: ['read'],
      conditionsJson: '',
      createdBy: 'u',
      createdByType: 'user',
      createdAt: AT,
    });
    const response = JSON.parse(JSON.stringify(toPolicyResponse({ ...policy, expiresAt: AT }))) as Record<
      string,
      unknown
    >;
    expect(Object.keys(response).sort()).toEqual(Object.keys(policyResponse.shape).sort());
    expect(response).toMatchObject({ conditions: {}, created_by: 'u', expires_at: '2030-01-02T03:04:05.000Z' });
    expect(toPolicyResponse(policy).expires_at).toBeUndefined();
  });
});

describe('a change of a policy', () => {
  it('leaves alone what is absent', () => {
    expect(update({})).toEqual({
      vaultId: 'v',
      policyId: 'p',
      permissions: [],
      conditionsJson: undefined,
      expiresAt: undefined,
      clearExpiresAt: false,
    });
  });

  it('clears what is null', () => {
    expect(update({ conditions: null, expires_at: null })).toMatchObject({
      conditionsJson: '{}',
      expiresAt: undefined,
      clearExpiresAt: true,
    });
  });

  it('replaces what is given', () => {
    const body = { permissions: ['write'], conditions: { ip_allowlist: ['::1'] }, expires_at: '2030-01-02T03:04:05Z' };
    expect(update(body)).toMatchObject({
      permissions: ['write'],
      conditionsJson: '{"ip_allowlist":["::1"]}',
      expiresAt: AT,
      clearExpiresAt: false,
    });
  });

  it('may not empty the permissions', () => {
    expect(updatePolicyRequest.safeParse({ permissions: [] }).success).toBe(false);
  });
});

describe('a new policy', () => {
  it("carries auth-svc's word about its principal", () => {
    const id = '0191e3c4-1111-7000-8000-000000000001';
    const body = createPolicyRequest.parse({
      secret_path_pattern: 'a/*',
      principal_type: 'agent',
      principal_id: id,
      permissions: ['read'],
      conditions: null,
    });
    expect(toCreateRequest({ params, query: undefined, body }, 'attestation')).toMatchObject({
      secretPathPattern: 'a/*',
      principalType: 'agent',
      principalId: id,
      conditionsJson: '',
      principalAttestation: 'attestation',
    });
  });
});
