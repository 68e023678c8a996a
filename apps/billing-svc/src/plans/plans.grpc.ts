import { type GetPlanRequest, PlanServiceDefinition } from '@oneclaw/contracts/billing';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { checkUuid } from '../validation.js';
import { planToProto } from './plan.proto.js';
import { PlansService } from './plans.service.js';

@RpcController(PlanServiceDefinition)
export class PlansGrpc implements RpcHandlers<typeof PlanServiceDefinition> {
  constructor(private readonly plans: PlansService) {}

  async getPlan({ orgId }: GetPlanRequest) {
    return { plan: planToProto(await this.plans.get(checkUuid(orgId, 'org_id'))) };
  }
}
