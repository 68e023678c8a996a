import { Module } from '@nestjs/common';
import { type GetPlanRequest, type Plan, PlanServiceDefinition } from '@oneclaw/contracts/billing';
import { RpcController } from './rpc-controller.js';
import { createService, type Service } from './service.js';
import type { RpcHandlers } from './types.js';

const UNLIMITED = { tier: 'enterprise', exempt: false, cmekAllowed: true };

/** By org id: whatever the test says; without a word of it everything is unlimited. */
class FakePlans extends Map<string, Partial<Plan>> {}

@RpcController(PlanServiceDefinition)
class FakePlansGrpc implements RpcHandlers<typeof PlanServiceDefinition> {
  constructor(private readonly plans: FakePlans) {}

  async getPlan({ orgId }: GetPlanRequest) {
    return { plan: { orgId, ...(this.plans.get(orgId) ?? UNLIMITED) } };
  }
}

@Module({ controllers: [FakePlansGrpc], providers: [FakePlans] })
class FakeBillingModule {}

/** billing-svc with plans as the tests of those who ask for them want them (OrgPlans), and nothing else of it. */
export async function startFakeBillingSvc(
  config: Parameters<typeof createService>[0]['config'],
): Promise<{ service: Service; plans: Map<string, Partial<Plan>> }> {
  const service = await createService({
    name: 'billing-svc',
    config,
    module: FakeBillingModule,
    services: [PlanServiceDefinition],
    verifiesCallers: false,
  });
  return { service, plans: service.get(FakePlans) };
}
