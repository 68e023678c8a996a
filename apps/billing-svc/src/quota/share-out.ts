import { reservedBy, type Claim, type Lease } from './lease.js';

/** An org's period, as a claim meets it. */
export interface PeriodState {
  /** The quota in force; null = unlimited. */
  limit: number | null;
  /** Counted so far. */
  requests: number;
  /** Every lease of the period but the claim's own. */
  others: readonly Lease[];
}

export interface Share {
  granted: number;
  keep: number;
  unusedElsewhere: number;
  /** Of what is left then, this gateway's part while nobody can be asked. */
  shareAlone: number;
}

/** A gateway gets this part of what is left for requests that it only expects: the nearer the limit, the less, and nothing at last. */
const AHEAD_PART = 20;
/** A gateway that has unspent requests claims every second; one that has not for so long is dead, or will not use them soon. */
const LIVE_MS = 3000;

const BOUNDLESS = { keep: Number.MAX_SAFE_INTEGER, unusedElsewhere: 0, shareAlone: Number.MAX_SAFE_INTEGER };

/**
 * What a lease may hold after a claim. Never over: what is counted and what all leases reserve stay within the limit, but for what
 * gateways admitted unasked. Requests that wait come first, so that the last ones before the limit are shared out one by one.
 */
export function shareOut(
  { limit, requests, others }: PeriodState,
  own: Pick<Lease, 'used'>,
  claim: Claim,
  now: Date,
): Share {
  const held = Math.max(claim.held, own.used);
  if (limit === null) return { granted: held + claim.waiting, ...BOUNDLESS };
  const reserved = others.reduce(
    (sum, lease) => sum + reservedBy(lease),
    reservedBy({ granted: held, used: own.used }),
  );
  const free = Math.max(0, limit - requests - reserved);
  const forWaiting = Math.min(claim.waiting, free);
  const keep = Math.floor((free - forWaiting) / AHEAD_PART);
  const forAhead = Math.max(0, Math.min(claim.ahead, keep - (held - claim.admitted)));
  const live = others.filter(({ renewedAt }) => now.getTime() - renewedAt.getTime() < LIVE_MS);
  return {
    granted: held + forWaiting + forAhead,
    keep,
    unusedElsewhere: live.reduce((sum, { unspent }) => sum + unspent, 0),
    shareAlone: Math.floor((free - forWaiting - forAhead) / (1 + live.length)),
  };
}
