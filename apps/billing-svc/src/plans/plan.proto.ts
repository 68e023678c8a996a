import type { Plan } from './plan.js';

/** As PlanService tells it to those who keep what is limited. */
export function planToProto({ orgId, tier, vaults, secrets, agents, exempt, cmek }: Plan) {
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
