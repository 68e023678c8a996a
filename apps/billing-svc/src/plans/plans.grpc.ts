import { type GetPlanRequest, PlanServiceDefinition } from '@oneclaw/contracts/billing';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { checkUuid } from '../validation.js';
import type { Plan } from './plan.js';
import { PlansService } from './plans.service.js';

@RpcController(PlanServiceDefinition)
export class PlansGrpc implements RpcHandlers<typeof PlanServiceDefinition> {
  constructor(private readonly plans: PlansService) {}

  async getPlan({ orgId }: GetPlanRequest) {
    return { plan: toProto(await this.plans.get(checkUuid(orgId, 'org_id'))) };
  }
}

function toProto({ orgId, tier, vaults, secrets, agents, exempt, cmek }: Plan) {
  return {
    orgId,
    tier,
    vaultLimit: vaults ?? undefined,
    secretLimit: secrets ?? undefined,
    agentLimit: agents ?? undefined,
    exempt,
    cmekAllowed: cmek,
  };
}
