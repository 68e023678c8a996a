/** One gateway process's share of one org's period. */
export interface Lease {
  id: string;
  orgId: string;
  periodStart: Date;
  /** The number of the last claim that acted. */
  claim: number;
  /** What its gateway may have admitted at most. */
  granted: number;
  /** What of it is counted. */
  used: number;
  /** Of what was granted, what had not been admitted at the last claim. */
  unspent: number;
  renewedAt: Date;
  expiresAt: Date;
}

/** What a gateway holds and wants; as in quota.proto. */
export interface Claim {
  leaseId: string;
  orgId: string;
  number: number;
  admitted: number;
  held: number;
  waiting: number;
  ahead: number;
}

/** What is reserved by a lease beyond what is counted already. */
export function reservedBy({ granted, used }: Pick<Lease, 'granted' | 'used'>): number {
  return Math.max(0, granted - used);
}
