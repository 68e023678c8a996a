import { Controller } from '@nestjs/common';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { orAbsent } from '../api/wire.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { VaultClients } from '../upstreams/vault-clients.js';
import {
  toCreateRequest,
  toExplainRequest,
  toExplainResponse,
  toPolicyResponse,
  toUpdateRequest,
} from './policies.mapper.js';
import { createPolicy, deletePolicy, explainAccess, listPolicies, updatePolicy } from './policies.operations.js';

@Controller()
export class PoliciesController {
  constructor(
    private readonly vault: VaultClients,
    private readonly auth: AuthClients,
  ) {}

  /** vault-svc believes auth-svc's signed word that the principal exists; we only carry it over. */
  @Operation(createPolicy)
  async create(call: SessionCall, input: InputOf<typeof createPolicy>) {
    const principal = { principalType: input.body.principal_type, principalId: input.body.principal_id };
    const { attestation } = await this.auth.directory.attestPrincipal(principal, call);
    const { policy } = await this.vault.policies.createPolicy(toCreateRequest(input, attestation), call);
    return toPolicyResponse(policy);
  }

  @Operation(listPolicies)
  async list(call: SessionCall, { params, query }: InputOf<typeof listPolicies>) {
    const request = { vaultId: params.vault_id, page: query };
    const { policies, nextCursor } = await this.vault.policies.listPolicies(request, call);
    return { policies: policies.map(toPolicyResponse), next_cursor: orAbsent(nextCursor) };
  }

  @Operation(updatePolicy)
  async update(call: SessionCall, input: InputOf<typeof updatePolicy>) {
    const { policy } = await this.vault.policies.updatePolicy(toUpdateRequest(input), call);
    return toPolicyResponse(policy);
  }

  @Operation(deletePolicy)
  async delete(call: SessionCall, { params }: InputOf<typeof deletePolicy>) {
    await this.vault.policies.deletePolicy({ vaultId: params.vault_id, policyId: params.policy_id }, call);
  }

  /** vault-svc decides, on auth-svc's signed words about the principal; we only carry them over. */
  @Operation(explainAccess)
  async explain(call: SessionCall, input: InputOf<typeof explainAccess>) {
    const principal = { principalType: input.body.principal_type, principalId: input.body.principal_id };
    const [{ attestation }, { facts }] = await Promise.all([
      this.auth.directory.attestPrincipal(principal, call),
      this.auth.directory.statePrincipal({ ...principal, orgId: call.session.orgId }, call),
    ]);
    return toExplainResponse(
      await this.vault.policies.explainAccess(toExplainRequest(input, attestation, facts), call),
    );
  }
}
