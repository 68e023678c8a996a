import { PLATFORM_ORG_ID } from '@oneclaw/caller';
import { TIERS, type Tier, type TierName } from './tiers.js';

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
}

/** A plan as it acts: limits without number are unlimited. */
export interface Plan extends Tier {
  orgId: string;
  tier: TierName;
  /** Neither quotas nor limits bind. */
  exempt: boolean;
}

const EXEMPTION = { requests: null, vaults: null, secrets: null, agents: null };

/** The plan of an org at a moment; of one that nothing is stored of, the default tier's. */
export function planAt(now: Date, orgId: string, stored: OrgPlan | undefined, defaultTier: TierName): Plan {
  const name = tierAt(now, stored) ?? defaultTier;
  const tier = TIERS[name];
  const exempt = orgId === PLATFORM_ORG_ID || (stored?.isSponsored ?? false);
  const requests = stored?.requestsOverride ?? tier.requests;
  return { orgId, tier: name, exempt, ...tier, requests, ...(exempt ? EXEMPTION : {}) };
}

function tierAt(now: Date, stored: OrgPlan | undefined): TierName | null {
  if (!stored || (stored.tierUntil && stored.tierUntil <= now)) return null;
  return stored.tier;
}
