import { UsageEvent } from '@oneclaw/contracts/events';
import { createDataSource, query, runMigrations, transaction } from '@oneclaw/database';
import { createLogger } from '@oneclaw/telemetry';
import { createTestDatabase, startTcpProxy } from '@oneclaw/testing';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '../clock.js';
import { migrations } from '../migrations/index.js';
import { PlansRepository } from '../plans/plans.repository.js';
import { PlansService } from '../plans/plans.service.js';
import type { TierName } from '../plans/tiers.js';
import type { Claim } from '../quota/lease.js';
import { LeasesRepository } from '../quota/leases.repository.js';
import { QuotaService } from '../quota/quota.service.js';
import { type CountedRequest, decodeCountedRequest } from '../usage/counted-request.js';
import { PeriodsRepository } from '../usage/periods.repository.js';
import { UsageCounter } from '../usage/usage-counter.js';
import { UsageRepository } from '../usage/usage.repository.js';
import { UsageService } from '../usage/usage.service.js';

export const logger = createLogger({ service: 'test', level: 'silent' });
export const TTL_MS = 30_000;

/** A clock that stands where the test puts it. */
export class TestClock extends Clock {
  constructor(public time = new Date('2026-05-15T12:00:00Z')) {
    super();
  }

  override now(): Date {
    return this.time;
  }

  pass(milliseconds: number): void {
    this.time = new Date(this.time.getTime() + milliseconds);
  }
}

export type BillingWorld = Awaited<ReturnType<typeof startBillingWorld>>;

/** The services on a database of their own, behind a proxy that tests may torment, with a clock of the test's. */
export async function startBillingWorld(defaultTier: TierName = 'free') {
  const database = await createTestDatabase();
  await runMigrations({ url: database.ownerUrl, name: 'billing-svc', migrations, logger });
  const proxy = await startTcpProxy(database.url);
  const dataSource = await createDataSource({ url: proxy.url, applicationName: 'test', logger });
  const clock = new TestClock();
  const config = { DEFAULT_TIER: defaultTier, QUOTA_LEASE_TTL: TTL_MS, USAGE_HISTORY_MONTHS: 13 };
  const repositories = {
    plans: new PlansRepository(),
    periods: new PeriodsRepository(),
    leases: new LeasesRepository(),
    usage: new UsageRepository(),
  };
  await repositories.usage.keepPartitions(dataSource, clock.now(), config.USAGE_HISTORY_MONTHS);
  const plans = new PlansService(config, dataSource, repositories.plans, clock);
  const counter = new UsageCounter(repositories.usage, repositories.periods, repositories.leases);
  const quota = new QuotaService(config, dataSource, plans, repositories.periods, repositories.leases, clock);
  const usage = new UsageService(dataSource, plans, repositories.periods, repositories.usage, clock);
  return {
    database,
    proxy,
    dataSource,
    clock,
    config,
    ...repositories,
    plansService: plans,
    quota,
    usageService: usage,
    count: (requests: readonly CountedRequest[]) =>
      transaction(dataSource, (manager) => counter.count(manager, requests)),
    claim: async (claim: Partial<Claim> & Pick<Claim, 'leaseId' | 'orgId'>) =>
      (await quota.claim([{ number: 1, admitted: 0, held: 0, waiting: 0, ahead: 0, ...claim }]))[0]!,
    override: (orgId: string, requestsOverride: number) =>
      repositories.plans.setLimits(dataSource, orgId, { requestsOverride }),
    requestsOf: async (orgId: string) => (await usage.summary(orgId)).usage.requests,
    ownerQuery: async <T>(sql: string): Promise<T[]> => {
      const owner = await createDataSource({ url: database.ownerUrl, applicationName: 'owner', logger, poolSize: 1 });
      return query<T>(owner, sql).finally(() => owner.destroy());
    },
    close: async () => {
      await dataSource.destroy();
      await proxy.close();
      await database.drop();
    },
  };
}

/** A request as it comes over the wire, counted by a clock that stands at `now`. */
export function counted(
  orgId: string,
  now: Date,
  change: Partial<UsageEvent> = {},
  id: string = uuidv7(),
): CountedRequest {
  const event = {
    orgId,
    principalType: 'agent',
    principalId: uuidv7(),
    method: 'GET',
    endpoint: '/v1/vaults/{vault_id}/secrets/{path}',
    statusCode: 200,
    occurredAt: now,
    ...change,
  };
  return decodeCountedRequest(id, UsageEvent.encode(UsageEvent.fromPartial(event)).finish(), now);
}

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
