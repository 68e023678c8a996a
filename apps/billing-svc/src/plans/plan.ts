import { PLATFORM_ORG_ID } from '@oneclaw/caller';
import { TIERS, type Tier, type TierName } from './tiers.js';

export const OVERAGE_METHODS = ['credits', 'x402'] as const;

/** What pays for requests beyond the quota. */
export type OverageMethod = (typeof OVERAGE_METHODS)[number];

/** What is stored of an org that has anything but the default plan. */
export interface OrgPlan {
  orgId: string;
  /** Null = the default tier. */
  tier: TierName | null;
  /** From when on the default tier is back; null = never. */
  tierUntil: Date | null;
  /** Requests a month in place of the tier's. */
  requestsOverride: number | null;
  isSponsored: boolean;
  overageMethod: OverageMethod;
}

/** A plan as it acts: limits without number are unlimited. */
export interface Plan extends Tier {
  orgId: string;
  tier: TierName;
  /** When the default tier is back; null = never. */
  tierUntil: Date | null;
  /** Neither quotas nor limits bind. */
  exempt: boolean;
  overageMethod: OverageMethod;
}

const EXEMPTION = { requests: null, vaults: null, secrets: null, agents: null };

/** The plan of an org at a moment; of one that nothing is stored of, the default tier's. `freeRequests`: a month, of the free tier. */
export function planAt(
  now: Date,
  orgId: string,
  stored: OrgPlan | undefined,
  defaultTier: TierName,
  freeRequests = TIERS.free.requests,
): Plan {
  const { tier: setTier, tierUntil } = tierAt(now, stored);
  const tier = setTier ?? defaultTier;
  const exempt = orgId === PLATFORM_ORG_ID || (stored?.isSponsored ?? false);
  const requests = stored?.requestsOverride ?? (tier === 'free' ? freeRequests : TIERS[tier].requests);
  const overageMethod = stored?.overageMethod ?? 'credits';
  return { orgId, tier, tierUntil, exempt, overageMethod, ...TIERS[tier], requests, ...(exempt ? EXEMPTION : {}) };
}

function tierAt(now: Date, stored: OrgPlan | undefined): Pick<OrgPlan, 'tier' | 'tierUntil'> {
  const over = stored?.tierUntil && stored.tierUntil <= now;
  return stored && !over ? stored : { tier: null, tierUntil: null };
}
