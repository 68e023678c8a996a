import type { LeaseClaim, LeaseGrant, QuotaServiceDefinition } from '@oneclaw/contracts/billing';
import { internal, unavailable } from '@oneclaw/errors';
import type { RpcClient } from '@oneclaw/rpc';
import type { Logger } from '@oneclaw/telemetry';
import { ClaimLoop } from './claim-loop.js';
import { type Admission, OrgQuota, type Refusal } from './org-quota.js';

export interface LeasesOptions {
  client: Pick<RpcClient<typeof QuotaServiceDefinition>, 'claimLeases'>;
  logger: Logger;
  /** Whether some of what was admitted is not on its way to billing-svc yet: leases must not end before. */
  hasUnreported: () => boolean;
  /** While billing-svc is away: how long, and how many requests of one org beyond its lease, are admitted all the same. */
  graceMs: number;
  graceRequests: number;
  now?: () => number;
}

interface Waiting {
  since: number;
  neverRefused: boolean;
  resolve: (outcome: Admission | Refusal) => void;
  reject: (error: Error) => void;
}

/** An org with those of its requests that wait to be admitted. */
interface Entry {
  quota: OrgQuota;
  waiting: Waiting[];
  /** The limit is reached: until then nobody asks again. */
  refusedUntil: number;
  /** Other gateways are to give back first: until then nobody asks again, and those that wait go on waiting. */
  retryAt: number;
  /** Admitted since the last claim, at the last tick. */
  atTick: number;
}

/** Between looks at what is to be given back, renewed or asked for again. */
const TICK_MS = 250;
/** Whoever holds unspent requests shows at least this often that it lives, and hears whether they are wanted elsewhere. */
const HOLDER_MS = 1000;
/** Leases in use are renewed this often, also where nothing is limited: so soon does a new plan act. */
const RENEWAL_MS = 8000;
/** An org whose limit is reached is asked for at most this often. */
const REFUSED_MS = 1000;
/** How long a request waits for what other gateways hold and do not use: they show themselves every second. */
const PATIENCE_MS = 2500;
const RETRY_MS = 100;
const RPC_TIMEOUT_MS = 1500;
const MAX_CLAIMS = 500;
/** Without a request an org is forgotten; what it had unspent was given back long before. */
const FORGET_MS = 60_000;

/**
 * Decides which requests count within their org's quota (docs/adr/0012): at once from a valid lease with room, otherwise a request waits for
 * the next claim, which is one for all that wait.
 */
export class Leases {
  private readonly orgs = new Map<string, Entry>();
  private readonly claims = new ClaimLoop<Entry>((due) => this.claim(due));
  private readonly timer: NodeJS.Timeout;
  private readonly now: () => number;
  /** Since when billing-svc has not answered. */
  private aloneSince: number | undefined;

  constructor(private readonly options: LeasesOptions) {
    this.now = options.now ?? Date.now;
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  /**
   * Admits or refuses one request, at once where it can. With `neverRefused` it is counted and not held to the limit. Rejects with
   * `unavailable` when billing-svc has been away for too long.
   */
  admit(orgId: string, neverRefused: boolean): Admission | Refusal | Promise<Admission | Refusal> {
    const entry = this.entryOf(orgId);
    const { quota } = entry;
    const now = this.now();
    if (quota.isValid(now)) {
      if (quota.hasRoom || neverRefused) {
        const admission = quota.admit();
        if (quota.runsLow) this.claims.add(entry);
        return admission;
      }
      if (now < entry.refusedUntil) return quota.refuse();
    }
    return new Promise((resolve, reject) => {
      const waiting = { since: now, neverRefused, resolve, reject };
      if (this.aloneSince !== undefined) return this.decideAlone(entry, waiting);
      entry.waiting.push(waiting);
      if (now >= entry.retryAt) this.claims.add(entry);
    });
  }

  /** Orgs of which anything is known. */
  get size(): number {
    return this.orgs.size;
  }

  /** Requests that leases held by this gateway still have room for. */
  get unspent(): number {
    return this.sum(({ quota }) => quota.unspent);
  }

  /** Requests that wait for billing-svc's answer. */
  get waiting(): number {
    return this.sum(({ waiting }) => waiting.length);
  }

  /** Whether billing-svc does not answer. */
  get isAlone(): boolean {
    return this.aloneSince !== undefined;
  }

  /** Gives back what is unspent. After the last request. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.claims.drain();
    for (const entry of this.orgs.values()) {
      if (entry.quota.unspent === 0) continue;
      entry.quota.release();
      this.claims.add(entry);
    }
    await this.claims.drain();
  }

  /** Public for tests with a clock of their own. */
  tick(): void {
    const now = this.now();
    for (const entry of this.orgs.values()) this.tend(entry, now);
    const [first] = this.orgs.values();
    // Is billing-svc back?
    if (this.aloneSince !== undefined && this.claims.isIdle && first) this.claims.add(first);
  }

  private tend(entry: Entry, now: number): void {
    const { quota } = entry;
    const { sinceClaim, unspent } = quota;
    const age = quota.claimAge(now);
    const isIdle = sinceClaim === 0 || sinceClaim === entry.atTick;
    entry.atTick = sinceClaim;
    if (unspent > 0 && age >= HOLDER_MS) {
      if (isIdle) quota.release();
      this.claims.add(entry);
    } else if (age >= RENEWAL_MS && (sinceClaim > 0 || this.options.hasUnreported())) {
      this.claims.add(entry);
    } else if (age >= FORGET_MS && entry.waiting.length === 0) {
      this.orgs.delete(quota.orgId);
    }
  }

  private sum(of: (entry: Entry) => number): number {
    let total = 0;
    for (const entry of this.orgs.values()) total += of(entry);
    return total;
  }

  private entryOf(orgId: string): Entry {
    const known = this.orgs.get(orgId);
    if (known) return known;
    const entry: Entry = { quota: new OrgQuota(orgId), waiting: [], refusedUntil: 0, retryAt: 0, atTick: 0 };
    this.orgs.set(orgId, entry);
    return entry;
  }

  private async claim(due: readonly Entry[]): Promise<void> {
    for (let start = 0; start < due.length; start += MAX_CLAIMS)
      await this.claimSome(due.slice(start, start + MAX_CLAIMS));
  }

  private async claimSome(due: readonly Entry[]): Promise<void> {
    const now = this.now();
    const claims = due.map(({ quota, waiting }) => quota.claim(waiting.length, now));
    try {
      const call = { requestId: `quota-${claims[0]!.leaseId}`, deadline: Date.now() + RPC_TIMEOUT_MS };
      const { grants } = await this.options.client.claimLeases({ claims }, call);
      if (grants.length !== claims.length) throw internal('billing-svc answered another number of claims');
      due.forEach((entry, index) => this.hear(entry, claims[index]!, grants[index]!));
      this.hearAgain();
    } catch (error) {
      this.goAlone(error as Error);
      for (const entry of due) for (const waiting of entry.waiting.splice(0)) this.decideAlone(entry, waiting);
    }
  }

  private hear(entry: Entry, claim: LeaseClaim, grant: LeaseGrant): void {
    const { quota } = entry;
    if (quota.hear(grant)) {
      const isShort = grant.limit !== undefined && grant.granted - claim.held < claim.waiting;
      const isAskedElsewhere = isShort && grant.unusedElsewhere > 0;
      for (const waiting of entry.waiting.splice(0, claim.waiting)) {
        this.answer(entry, waiting, isShort, isAskedElsewhere);
      }
      if (isAskedElsewhere) return this.claimLater(entry);
      if (quota.unspent > grant.keep) {
        quota.release(grant.keep);
        this.claims.add(entry);
      }
    }
    if (entry.waiting.length > 0) this.claims.add(entry);
  }

  /** One that waited for the claim that was just answered. */
  private answer(entry: Entry, waiting: Waiting, isShort: boolean, isAskedElsewhere: boolean): void {
    const { quota } = entry;
    const now = this.now();
    if (quota.hasRoom || waiting.neverRefused) return waiting.resolve(quota.admit());
    const isPatient = isAskedElsewhere && now - waiting.since < PATIENCE_MS;
    // Not short, and no room: those that are never refused took it.
    if (!isShort || isPatient) return void entry.waiting.push(waiting);
    entry.refusedUntil = now + REFUSED_MS;
    waiting.resolve(quota.refuse());
  }

  private claimLater(entry: Entry): void {
    if (entry.waiting.length === 0) return;
    entry.retryAt = this.now() + RETRY_MS;
    setTimeout(() => this.claims.add(entry), RETRY_MS).unref();
  }

  /**
   * Billing-svc does not answer: what is unlimited goes on, what was used up when it was heard last stays so, and anything else goes on
   * for a while. All of it counts when billing-svc is back.
   */
  private decideAlone({ quota }: Entry, { neverRefused, resolve, reject }: Waiting): void {
    const now = this.now();
    if (neverRefused || quota.isUnlimited) return resolve(quota.admitUnsure());
    if (quota.isUsedUp(now)) return resolve(quota.refuse());
    const { graceMs, graceRequests } = this.options;
    const isInGrace = now - this.aloneSince! < graceMs && quota.leftAlone(graceRequests, now) > 0;
    if (isInGrace) resolve(quota.admitUnsure());
    else reject(unavailable('Usage cannot be counted at the moment. Try again shortly.'));
  }

  private goAlone(error: Error): void {
    if (this.aloneSince !== undefined) return;
    this.aloneSince = this.now();
    this.options.logger.warn(
      { err: error },
      'billing-svc does not answer: requests are admitted without it for a while',
    );
  }

  private hearAgain(): void {
    if (this.aloneSince === undefined) return;
    this.options.logger.info({ seconds: (this.now() - this.aloneSince) / 1000 }, 'billing-svc answers again');
    this.aloneSince = undefined;
    for (const entry of this.orgs.values()) if (entry.quota.wasUnsure) this.claims.add(entry);
  }
}
