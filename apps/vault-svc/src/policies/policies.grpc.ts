import { requireCaller } from '@oneclaw/caller';
import {
  type CreatePolicyRequest,
  type DeletePolicyRequest,
  type ExplainAccessRequest,
  type ListPoliciesRequest,
  PolicyServiceDefinition,
  type UpdatePolicyRequest,
} from '@oneclaw/contracts/vault';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { attemptOn } from '../audit/attempt.js';
import { RefusalTrail } from '../audit/refusal-trail.js';
import { checkUuid } from '../validation/uuid.js';
import { ExplainAccessService } from './explain-access.service.js';
import { toChange, toNewPolicy, toQuestion } from './policy-requests.js';
import { PoliciesService } from './policies.service.js';
import type { Policy } from './policy.entity.js';

@RpcController(PolicyServiceDefinition)
export class PoliciesGrpc implements RpcHandlers<typeof PolicyServiceDefinition> {
  constructor(
    private readonly policies: PoliciesService,
    private readonly explanations: ExplainAccessService,
    private readonly refusals: RefusalTrail,
  ) {}

  async createPolicy(request: CreatePolicyRequest, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    const input = toNewPolicy(request);
    const details = { principal_type: input.principalType, principal_id: input.principalId };
    const attempt = attemptOn(caller, context, 'policy.create', input.vaultId, details);
    const policy = await this.refusals.guard(attempt, () =>
      this.policies.create(caller, input, request.principalAttestation, context),
    );
    return { policy: toProto(policy) };
  }

  async listPolicies({ vaultId: id, page }: ListPoliciesRequest, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    const vaultId = checkUuid(id, 'vault_id');
    const attempt = attemptOn(caller, context, 'policy.list', vaultId);
    const { policies, nextCursor } = await this.refusals.guard(attempt, () =>
      this.policies.list(caller, vaultId, page?.limit ?? 0, page?.cursor ?? ''),
    );
    return { policies: policies.map(toProto), nextCursor };
  }

  async updatePolicy(request: UpdatePolicyRequest, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    const { vaultId, policyId } = idsOf(request);
    const change = toChange(request);
    const attempt = attemptOn(caller, context, 'policy.update', vaultId, { policy_id: policyId });
    const policy = await this.refusals.guard(attempt, () =>
      this.policies.update(caller, vaultId, policyId, change, context),
    );
    return { policy: toProto(policy) };
  }

  async deletePolicy(request: DeletePolicyRequest, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    const { vaultId, policyId } = idsOf(request);
    const attempt = attemptOn(caller, context, 'policy.delete', vaultId, { policy_id: policyId });
    await this.refusals.guard(attempt, () => this.policies.delete(caller, vaultId, policyId, context));
    return {};
  }

  async explainAccess(request: ExplainAccessRequest, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    const question = toQuestion(request);
    const { principalType, principalId, path } = question;
    const details = { principal_type: principalType, principal_id: principalId, path };
    const attempt = attemptOn(caller, context, 'policy.explain', question.vaultId, details);
    const { principalAttestation: attestation, principalFacts: facts } = request;
    return await this.refusals.guard(attempt, () =>
      this.explanations.explain(caller, question, { attestation, facts }),
    );
  }
}

function idsOf(request: { vaultId: string; policyId: string }) {
  return { vaultId: checkUuid(request.vaultId, 'vault_id'), policyId: checkUuid(request.policyId, 'policy_id') };
}

function toProto({ conditions, expiresAt, ...policy }: Policy) {
  return { ...policy, conditionsJson: JSON.stringify(conditions), expiresAt: expiresAt ?? undefined };
}
