import { Injectable } from '@nestjs/common';
import type { Plan } from '@oneclaw/contracts/billing';
import { isDomainError, type DomainError } from '@oneclaw/errors';
import { limitReached } from '@oneclaw/rpc';
import type { EntityManager } from 'typeorm';
import { LivePathsRepository, type PathRef } from './live-paths.repository.js';
import { orderOf } from './secret-writes.repository.js';
import type { SecretWrite } from './secret-write.js';

/** Plans by org; where a plan could not be had, why. */
export type PlansByOrg = ReadonlyMap<string, Plan | DomainError>;

/** Some write may add a live path. Nothing was written; to be tried again with the orgs locked. */
export class MayGrow extends Error {
  constructor() {
    super('a write may add a live path');
    this.name = 'MayGrow';
  }
}

/**
 * Keeps orgs within the secrets that their plans allow. Writes to paths that live need no more than the row locks that they take anyway;
 * those that add a live path are counted under a lock of their org, so that any number of writers in any number of replicas ends exactly at the limit.
 */
@Injectable()
export class SecretLimits {
  constructor(private readonly paths: LivePathsRepository) {}

  /**
   * The writes that the plans do not allow, and why, in the transaction that will make the others. Without `locked` it throws `MayGrow`
   * where it cannot tell without locking the orgs.
   */
  async refuse(
    manager: EntityManager,
    writes: readonly SecretWrite[],
    plans: PlansByOrg,
    locked: boolean,
  ): Promise<Map<SecretWrite, DomainError>> {
    const limited = writes.filter(({ by }) => isLimited(plans.get(by.caller.orgId)));
    if (limited.length === 0) return new Map();
    const byOrg = groupBy(limited, ({ by }) => by.caller.orgId);
    if (locked) await this.paths.lock(manager, [...byOrg.keys()]);
    const demanded = distinctPaths(limited);
    // First of all rows, with the orgs locked too: whoever writes these paths and others locks them in one order.
    const kept = await this.paths.keep(manager, demanded);
    if (locked) return await this.refuseLocked(manager, byOrg, demanded, plans);
    if (kept.length < demanded.length) throw new MayGrow();
    return new Map();
  }

  private async refuseLocked(
    manager: EntityManager,
    byOrg: ReadonlyMap<string, readonly SecretWrite[]>,
    demanded: readonly PathRef[],
    plans: PlansByOrg,
  ): Promise<Map<SecretWrite, DomainError>> {
    const live = new Set((await this.paths.find(manager, demanded)).map(keyOf));
    const refused = new Map<SecretWrite, DomainError>();
    for (const [orgId, writes] of byOrg) {
      const growing = groupBy(
        writes.filter(({ input }) => !live.has(keyOf(input)) && input.preconditions?.ifMatch === undefined),
        ({ input }) => keyOf(input),
      );
      const reason = await this.reasonAgainst(manager, orgId, plans.get(orgId)!, growing.size);
      const beyond = [...growing.values()].slice(reason?.room ?? growing.size).flat();
      for (const write of beyond) refused.set(write, reason!.error);
    }
    return refused;
  }

  /** Before a transaction locks anything else, where it is going to bring back one path. */
  async lock(manager: EntityManager, orgId: string, plan: Plan): Promise<void> {
    if (isLimited(plan)) await this.paths.lock(manager, [orgId]);
  }

  /** When it is back: throws where that is one more than the plan allows. */
  async requireWithin(manager: EntityManager, orgId: string, plan: Plan): Promise<void> {
    const { secretLimit: limit, tier } = plan;
    if (limit === undefined) return;
    const count = await this.paths.count(manager, orgId, limit + 1);
    if (count > limit) throw limitReached('Secret', count - 1, limit, tier);
  }

  /** Undefined where so many more fit; else how many do, and why no more. */
  private async reasonAgainst(manager: EntityManager, orgId: string, plan: Plan | DomainError, more: number) {
    if (more === 0) return undefined;
    if (isDomainError(plan)) return { room: 0, error: plan };
    const limit = plan.secretLimit!;
    const count = await this.paths.count(manager, orgId, limit - more + 1);
    const room = Math.max(0, limit - count);
    return room >= more ? undefined : { room, error: limitReached('Secret', Math.max(count, limit), limit, plan.tier) };
  }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function isLimited(plan: Plan | DomainError | undefined): boolean {
  return isDomainError(plan) || plan?.secretLimit !== undefined;
}

function distinctPaths(writes: readonly SecretWrite[]): PathRef[] {
  const paths = new Map(writes.map(({ input: { vaultId, path } }) => [keyOf({ vaultId, path }), { vaultId, path }]));
  return [...paths.values()].sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
}

function keyOf({ vaultId, path }: PathRef): string {
  return `${vaultId}/${path}`;
}
