import { PlanServiceDefinition, type Plan } from '@oneclaw/contracts/billing';
import { DomainError, internal, isDomainError } from '@oneclaw/errors';
import { createRpcClient, type RpcChannel } from './client.js';
import type { OutgoingCall, RpcClient } from './types.js';

interface Known {
  plan: Plan;
  /** Epoch milliseconds. */
  asOf: number;
}

/** How long a plan that allows something is believed without asking. */
const FRESH_MS = 10_000;
/** How long what was known last serves while billing-svc is away. */
const STALE_MS = 24 * 3_600_000;
const MAX_ORGS = 10_000;

/**
 * What the plans of orgs allow, as billing-svc says it. The rule for whoever keeps something limited: admit by `get`, and before
 * refusing look again by `current`, so that a better plan acts at once and a worse one within ten seconds.
 */
export class OrgPlans {
  private readonly known = new Map<string, Known>();
  private readonly asking = new Map<string, Promise<Plan>>();

  constructor(
    private readonly client: Pick<RpcClient<typeof PlanServiceDefinition>, 'getPlan'>,
    private readonly now: () => number = Date.now,
  ) {}

  static over(billing: RpcChannel): OrgPlans {
    return new OrgPlans(createRpcClient(PlanServiceDefinition, billing));
  }

  /** At most ten seconds old; older only while billing-svc is away. `unavailable` where that has never told. */
  async get(orgId: string, call: OutgoingCall): Promise<Plan> {
    const known = this.known.get(orgId);
    if (known && this.ageOf(known) < FRESH_MS) return known.plan;
    // Of several that want to know at once one asks.
    const asking = this.asking.get(orgId) ?? this.current(orgId, call).finally(() => this.asking.delete(orgId));
    this.asking.set(orgId, asking);
    return asking;
  }

  /** Tries something within the plan as it is known, and where that is not enough, within the plan as it is now. */
  async within<T>(orgId: string, call: OutgoingCall, attempt: (plan: Plan) => Promise<T>): Promise<T> {
    const plan = await this.get(orgId, call);
    try {
      return await attempt(plan);
    } catch (error) {
      if (!isDomainError(error, 'resource_limit_exceeded')) throw error;
      const current = await this.current(orgId, call);
      if (isSame(plan, current)) throw error;
      return await attempt(current);
    }
  }

  /** As it is now; what was known last while billing-svc is away. */
  async current(orgId: string, { requestId, deadline }: OutgoingCall): Promise<Plan> {
    try {
      return await this.fetch(orgId, { requestId, deadline });
    } catch (error) {
      const known = this.known.get(orgId);
      if (known && this.ageOf(known) < STALE_MS) return known.plan;
      throw error;
    }
  }

  private async fetch(orgId: string, call: OutgoingCall): Promise<Plan> {
    const asOf = this.now();
    const { plan } = await this.client.getPlan({ orgId }, call);
    if (!plan) throw internal('billing-svc answered no plan');
    this.known.delete(orgId);
    this.known.set(orgId, { plan, asOf });
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MAX_ORGS) break;
      this.known.delete(oldest);
    }
    return plan;
  }

  private ageOf({ asOf }: Known): number {
    return this.now() - asOf;
  }
}

/** Whether two plans limit the same. */
function isSame(one: Plan, other: Plan): boolean {
  const limits = ({ tier, vaultLimit, secretLimit, agentLimit }: Plan) => [tier, vaultLimit, secretLimit, agentLimit];
  return limits(one).join() === limits(other).join();
}

/** 403 `resource_limit_exceeded`. The noun with a capital letter: "Vault", "Secret", "Agent". */
export function limitReached(noun: string, used: number, limit: number, tier: string): DomainError {
  const detail = `${noun} limit reached (${used}/${limit} on ${tier} tier). Upgrade your plan for more.`;
  return new DomainError('resource_limit_exceeded', detail);
}
