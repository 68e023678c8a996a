import { randomUUID } from 'node:crypto';
import type { LeaseClaim, LeaseGrant } from '@oneclaw/contracts/billing';

/** What an answer tells of the org's quota. */
export interface QuotaFacts {
  /** Counted in the period; this request included, where it was admitted. */
  used: number;
  /** Null = unlimited; undefined = nobody has told yet. */
  limit: number | null | undefined;
  tier: string;
  overageMethod: string;
  creditBalanceCents: number;
  creditExpiringSoon: boolean;
}

/** A request that counts. */
export interface Admission extends QuotaFacts {
  admitted: true;
  leaseId: string;
  /** Undefined until billing-svc was heard in the period. */
  periodStart: Date | undefined;
}

/** A request that the quota has no room for. It counts for nothing. */
export interface Refusal extends QuotaFacts {
  admitted: false;
}

/** What was heard of the org last. */
type Heard = Pick<
  LeaseGrant,
  | 'keep'
  | 'shareAlone'
  | 'limit'
  | 'tier'
  | 'usedElsewhere'
  | 'overageMethod'
  | 'creditBalanceCents'
  | 'creditExpiringSoon'
  | 'periodStart'
>;

/** A lease is not used to its very end, so that clocks that run differently do no harm. */
const VALID_PART = 0.9;
/** Ahead of time a gateway wants what this long takes at the rate of late, and not less than a few. */
const AHEAD_MS = 2000;
const MIN_AHEAD = 10;
/** A rate is not taken from less time than this. */
const MIN_SPAN_MS = 50;

/** One org's quota as this process knows it: its lease, and what is admitted under that. When to claim is for leases.ts to say. */
export class OrgQuota {
  private leaseId: string = randomUUID();
  private number = 0;
  private admitted = 0;
  private granted = 0;
  private heard: Heard | undefined;
  private validUntil = 0;
  private periodEnd = Infinity;
  private claimedAt = -Infinity;
  private admittedAtClaim = 0;
  private wantedAhead = 0;
  private isReleasing = false;
  /** Admitted without being sure of room since billing-svc was last heard. */
  private unsure = 0;

  constructor(readonly orgId: string) {}

  /** Whether what was heard of the lease still holds. */
  isValid(now: number): boolean {
    return now < this.validUntil && now < this.periodEnd;
  }

  get isUnlimited(): boolean {
    return this.heard !== undefined && this.heard.limit === undefined;
  }

  get hasRoom(): boolean {
    return this.isUnlimited || this.admitted < this.granted;
  }

  /** What was granted and is not used; nothing where nothing is limited. */
  get unspent(): number {
    return this.isUnlimited ? 0 : Math.max(0, this.granted - this.admitted);
  }

  /** More than half of what it should have ahead is used up. */
  get runsLow(): boolean {
    return !this.isUnlimited && this.unspent * 2 < Math.min(this.wantedAhead, this.heard?.keep ?? 0);
  }

  /** Requests admitted since the last claim. */
  get sinceClaim(): number {
    return this.admitted - this.admittedAtClaim;
  }

  claimAge(now: number): number {
    return now - this.claimedAt;
  }

  /** Whether nothing was left when it was heard last. */
  isUsedUp(now: number): boolean {
    if (!this.heard || this.isUnlimited || now >= this.periodEnd) return false;
    return this.heard.usedElsewhere + this.admitted >= this.heard.limit!;
  }

  /** How many more may be admitted while nobody can be asked, of `most` at the most. */
  leftAlone(most: number, now: number): number {
    if (this.isUnlimited) return Infinity;
    const share = this.heard && now < this.periodEnd ? this.heard.shareAlone : most;
    return Math.max(0, Math.min(most, share) - this.unsure);
  }

  /** Whether some were admitted without being sure, which billing-svc has not been told. */
  get wasUnsure(): boolean {
    return this.unsure > 0;
  }

  admit(): Admission {
    this.admitted += 1;
    return { admitted: true, leaseId: this.leaseId, periodStart: this.heard?.periodStart, ...this.facts() };
  }

  admitUnsure(): Admission {
    this.unsure += 1;
    return this.admit();
  }

  refuse(): Refusal {
    return { admitted: false, ...this.facts() };
  }

  /** With the next claim, what is unspent goes back, but for this much. */
  release(keep = 0): void {
    this.granted = Math.min(this.granted, this.admitted + keep);
    this.isReleasing = true;
  }

  /** What billing-svc should know now. */
  claim(waiting: number, now: number): LeaseClaim {
    if (now >= this.periodEnd) this.reopen(true);
    const used = this.isReleasing ? waiting : this.sinceClaim + waiting;
    this.isReleasing = false;
    const perMs = used / Math.max(MIN_SPAN_MS, this.claimAge(now));
    this.wantedAhead = used === 0 ? 0 : Math.max(MIN_AHEAD, Math.ceil(perMs * AHEAD_MS));
    // More than was granted where some were admitted that nobody could refuse.
    this.granted = Math.max(this.granted, this.admitted);
    this.number += 1;
    this.claimedAt = now;
    this.admittedAtClaim = this.admitted;
    const { leaseId, orgId, number, admitted, granted: held } = this;
    return { leaseId, orgId, number, admitted, held, waiting, ahead: Math.max(0, this.wantedAhead - this.unspent) };
  }

  /** The answer to the last claim. False when the lease is no more: the next claim opens another. */
  hear(grant: LeaseGrant): boolean {
    if (grant.gone) {
      this.reopen(false);
      return false;
    }
    this.heard = grant;
    this.granted = Math.max(grant.granted, this.admitted);
    this.validUntil = this.claimedAt + grant.validForMs * VALID_PART;
    this.periodEnd = grant.periodEnd?.getTime() ?? Infinity;
    this.unsure = 0;
    return true;
  }

  private reopen(inNewPeriod: boolean): void {
    if (this.heard) {
      const usedElsewhere = inNewPeriod ? 0 : this.heard.usedElsewhere + this.admitted;
      this.heard = { ...this.heard, usedElsewhere, periodStart: inNewPeriod ? undefined : this.heard.periodStart };
    }
    this.leaseId = randomUUID();
    this.number = 0;
    this.admitted = 0;
    this.admittedAtClaim = 0;
    this.granted = 0;
    this.validUntil = 0;
    if (inNewPeriod) this.periodEnd = Infinity;
  }

  private facts(): QuotaFacts {
    const { heard, admitted } = this;
    return {
      used: (heard?.usedElsewhere ?? 0) + admitted,
      limit: heard ? (heard.limit ?? null) : undefined,
      tier: heard?.tier ?? '',
      overageMethod: heard?.overageMethod ?? 'credits',
      creditBalanceCents: heard?.creditBalanceCents ?? 0,
      creditExpiringSoon: heard?.creditExpiringSoon ?? false,
    };
  }
}
