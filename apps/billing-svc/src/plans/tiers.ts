export const TIER_NAMES = ['free', 'pro', 'business', 'enterprise'] as const;

export type TierName = (typeof TIER_NAMES)[number];

/** What a tier allows; `null` = unlimited. */
export interface Tier {
  /** Requests a month. */
  requests: number | null;
  /** Live vaults of users. */
  vaults: number | null;
  /** Live secret paths. */
  secrets: number | null;
  /** Active agents. */
  agents: number | null;
  /** Customer-managed encryption keys. */
  cmek: boolean;
}

const UNLIMITED = { requests: null, vaults: null, secrets: null, agents: null };

export const TIERS: Readonly<Record<TierName, Tier>> = {
  free: { requests: 1000, vaults: 3, secrets: 50, agents: 2, cmek: false },
  pro: { requests: 25_000, vaults: 25, secrets: 500, agents: 10, cmek: false },
  business: { requests: 100_000, vaults: 100, secrets: 5000, agents: 50, cmek: true },
  enterprise: { ...UNLIMITED, cmek: true },
};
