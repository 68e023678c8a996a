import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { transaction } from '@oneclaw/database';
import { v7 as uuidv7 } from 'uuid';
import { counted, startBillingWorld, times, type BillingWorld } from '../testing/billing-world.js';
import { UsageCounter } from './usage-counter.js';

describe('counted requests', () => {
  let world: BillingWorld;
  let orgId: string;

  beforeAll(async () => {
    world = await startBillingWorld();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    orgId = uuidv7();
  });

  const at = (time: string, change = {}) =>
    counted(orgId, world.clock.now(), { occurredAt: new Date(time), ...change });
  const now = () => counted(orgId, world.clock.now());
  const history = (limit = 50, cursor = '') => world.usageService.history(orgId, limit, cursor);

  async function requestsIn(month: string): Promise<number> {
    const found = await world.periods.find(world.dataSource, [orgId], new Date(month));
    return found.get(orgId)?.requests ?? 0;
  }

  it('belong to a calendar month in UTC', async () => {
    const boundary = ['2026-04-30T23:59:59.999Z', '2026-05-01T00:00:00Z', '2026-05-01T01:30:00+02:00'];
    await world.count(boundary.map((time) => at(time)));
    expect(await requestsIn('2026-04-01T00:00:00Z')).toBe(2);
    expect(await requestsIn('2026-05-01T00:00:00Z')).toBe(1);
  });

  it('count once, also when they come again, twice in one batch, and all at once', async () => {
    const requests = times(20, now);
    await Promise.all([...times(8, () => world.count(requests)), world.count([...requests, ...requests].toReversed())]);
    await world.count(requests);
    expect(await world.requestsOf(orgId)).toBe(20);
    expect((await history()).entries).toHaveLength(20);
  });

  it('of the same orgs in any order do not wait for each other for ever', async () => {
    const orgs = times(6, () => uuidv7());
    const batches = times(10, (n) =>
      (n % 2 ? orgs.toReversed() : orgs).map((each) => counted(each, world.clock.now())),
    );
    await Promise.all(batches.map((batch) => world.count(batch)));
    for (const each of orgs) expect(await world.requestsOf(each)).toBe(10);
  });

  it('count once when the answer to the commit was lost and they come again', async () => {
    const requests = [now()];
    const counter = new UsageCounter(world.usage, world.periods, world.leases);
    const losing = transaction(world.dataSource, async (manager) => {
      await counter.count(manager, requests);
      world.proxy.stall('answers');
    });
    await expect(losing).rejects.toMatchObject({ code: 'unavailable' });
    world.proxy.cut();
    world.proxy.resume();
    await world.count(requests).catch(() => world.count(requests));
    expect(await world.requestsOf(orgId)).toBe(1);
  });

  it.each([
    ['an org', { orgId: '' }],
    ['a principal', { principalId: 'me' }],
    ['a time', { occurredAt: undefined }],
    ['a time that can be', { occurredAt: new Date('2026-01-01T00:00:00Z') }],
    ['a lease with an id', { leaseId: 'mine' }],
  ])('are none without %s', (_, change) => {
    expect(() => at('2026-05-15T00:00:00Z', change)).toThrow();
  });

  it('are listed newest first, page by page, also where many have one time', async () => {
    const same = times(5, () => at('2026-05-10T00:00:00Z'));
    await world.count([...same, at('2026-04-01T00:00:00Z', { statusCode: 404 }), at('2026-05-11T00:00:00Z')]);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await history(3, cursor);
      seen.push(...page.entries.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(7);
    expect(seen.slice(1, 6)).toEqual(
      same
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
    const { entries } = await history();
    expect(entries.at(-1)).toMatchObject({ statusCode: 404, method: 'GET', priceMicros: 0, paid: false });
  });

  it('are kept for their months and then dropped whole, and the sums stay', async () => {
    await world.count([at('2026-04-02T00:00:00Z')]);
    const partitions = async () =>
      (
        await world.ownerQuery<{ name: string }>(
          `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'usage_events'::regclass ORDER BY 1`,
        )
      ).map(({ name }) => name);
    await world.usage.keepPartitions(world.dataSource, new Date('2027-05-31T23:59:59Z'), 13);
    expect(await partitions()).toContain('usage_events_202604');
    await Promise.all(
      times(3, () => world.usage.keepPartitions(world.dataSource, new Date('2027-06-01T00:00:00Z'), 13)),
    );
    expect(await partitions()).not.toContain('usage_events_202604');
    expect(await partitions()).toEqual(expect.arrayContaining(['usage_events_202605', 'usage_events_202709']));
    expect((await history()).entries).toEqual([]);
    expect(await requestsIn('2026-04-01T00:00:00Z')).toBe(1);
  });

  it('cannot lose partitions that are younger than three months', async () => {
    await expect(world.usage.keepPartitions(world.dataSource, world.clock.now(), 2)).rejects.toThrow(/three months/);
  });
});
