import { z } from 'zod';
import { pageQuery, uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import {
  createPolicyRequest,
  explainAccessRequest,
  explainAccessResponse,
  policyListResponse,
  policyResponse,
  updatePolicyRequest,
} from './policies.schemas.js';

const access = { users: true, agents: false } as const;
const vaultParams = z.object({ vault_id: uuid() });
const policyParams = z.object({ vault_id: uuid(), policy_id: uuid() });

export const createPolicy = defineOperation({
  id: 'createPolicy',
  method: 'POST',
  path: '/v1/vaults/:vault_id/policies',
  tag: 'Policies',
  summary: 'Grant access to paths of a vault',
  description:
    'For the maker of the vault, owners and admins. Nothing is allowed that no policy allows, but to the maker.',
  access,
  keyScope: 'policies:write',
  audit: { action: 'policy.create', resource: 'vault', idFrom: 'vault_id' },
  params: vaultParams,
  body: createPolicyRequest,
  answer: { status: 201, description: 'The new policy.', schema: policyResponse },
  refusals: [404],
});

export const listPolicies = defineOperation({
  id: 'listPolicies',
  method: 'GET',
  path: '/v1/vaults/:vault_id/policies',
  tag: 'Policies',
  summary: 'List the policies of a vault',
  access,
  keyScope: 'policies:read',
  audit: { action: 'policy.list', resource: 'vault', idFrom: 'vault_id' },
  params: vaultParams,
  query: z.object(pageQuery),
  answer: { status: 200, description: 'The policies.', schema: policyListResponse },
  refusals: [404],
});

export const updatePolicy = defineOperation({
  id: 'updatePolicy',
  method: 'PUT',
  path: '/v1/vaults/:vault_id/policies/:policy_id',
  tag: 'Policies',
  summary: 'Change a policy',
  description:
    'Given fields replace, absent ones stay, `null` clears `conditions` and `expires_at`. Path and principal never change.',
  access,
  keyScope: 'policies:write',
  audit: { action: 'policy.update', resource: 'policy', idFrom: 'policy_id' },
  params: policyParams,
  body: updatePolicyRequest,
  answer: { status: 200, description: 'The policy as it is now.', schema: policyResponse },
  refusals: [404],
});

export const deletePolicy = defineOperation({
  id: 'deletePolicy',
  method: 'DELETE',
  path: '/v1/vaults/:vault_id/policies/:policy_id',
  tag: 'Policies',
  summary: 'Withdraw a policy',
  access,
  keyScope: 'policies:write',
  audit: { action: 'policy.delete', resource: 'policy', idFrom: 'policy_id' },
  params: policyParams,
  answer: { status: 204, description: 'The policy no longer holds.' },
  refusals: [404],
});

export const explainAccess = defineOperation({
  id: 'explainAccess',
  method: 'POST',
  path: '/v1/vaults/:vault_id/policies/explain',
  tag: 'Policies',
  summary: 'Explain why somebody may or may not do something',
  description:
    'For the maker of the vault, owners and admins. Decided as the operation itself would be, with what bounds the principal now, and with ' +
    'every policy that does not allow it: why not. It changes nothing, and says nothing about what exists at the path; IP rules of the org, ' +
    'quotas, and scopes of a personal API key that a user may call with are not looked at.',
  access,
  keyScope: 'policies:read',
  audit: { action: 'policy.explain', resource: 'vault', idFrom: 'vault_id' },
  params: vaultParams,
  body: explainAccessRequest,
  answer: { status: 200, description: 'The decision, and how it came about.', schema: explainAccessResponse },
  refusals: [404],
});
