import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { TTL_MS, counted, startBillingWorld, times, type BillingWorld } from '../testing/billing-world.js';
import type { Claim } from './lease.js';

describe('leases of a quota', () => {
  let world: BillingWorld;
  let orgId: string;

  beforeAll(async () => {
    world = await startBillingWorld();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    orgId = uuidv7();
  });

  const leaseOf = (leaseId: string, rest: Partial<Claim> = {}) => world.claim({ leaseId, orgId, ...rest });
  const granted = async (leaseId: string, rest: Partial<Claim> = {}) => (await leaseOf(leaseId, rest))?.granted;
  const use = (leaseId: string, requests: number) =>
    world.count(times(requests, () => counted(orgId, world.clock.now(), { leaseId })));

  it('tell what the gateway needs for its answers', async () => {
    await use('', 5);
    expect(await leaseOf(uuidv7(), { waiting: 1, ahead: 10 })).toMatchObject({
      granted: 11,
      usedElsewhere: 5,
      validForMs: TTL_MS,
      plan: { tier: 'free', requests: 1000, overageMethod: 'credits' },
      period: { start: new Date('2026-05-01T00:00:00Z'), end: new Date('2026-06-01T00:00:00Z') },
    });
  });

  it('never add up to more than the limit, however many gateways claim at once', async () => {
    await world.override(orgId, 100);
    const leases = times(12, () => uuidv7());
    const first = await Promise.all(leases.map((id) => granted(id, { waiting: 20, ahead: 20 })));
    expect(first.reduce((sum, each) => sum! + each!, 0)).toBe(100);
  });

  it('give out the last requests exactly, while they are used and counted', async () => {
    await world.override(orgId, 200);
    const gateway = async () => {
      const leaseId = uuidv7();
      for (let number = 1, held = 0; ; number += 1) {
        const now = (await granted(leaseId, { number, admitted: held, held, waiting: 3 }))!;
        if (now === held) return held;
        await use(leaseId, now - held);
        held = now;
      }
    };
    const admitted = await Promise.all(times(3, gateway));
    expect(admitted.reduce((sum, each) => sum + each, 0)).toBe(200);
    expect(await world.requestsOf(orgId)).toBe(200);
  });

  it('count what was used once, and reserve only the rest', async () => {
    await world.override(orgId, 100);
    const [mine, other] = [uuidv7(), uuidv7()];
    expect(await granted(mine, { waiting: 60 })).toBe(60);
    await use(mine, 50);
    expect(await granted(other, { waiting: 100 })).toBe(40);
    expect(await leaseOf(mine, { number: 2, admitted: 60, held: 60 })).toMatchObject({ granted: 60, usedElsewhere: 0 });
  });

  it('take back what a gateway hands back', async () => {
    await world.override(orgId, 100);
    const mine = uuidv7();
    await granted(mine, { waiting: 100 });
    expect(await granted(uuidv7(), { waiting: 10 })).toBe(0);
    await granted(mine, { number: 2, admitted: 30, held: 30 });
    expect(await granted(uuidv7(), { waiting: 100 })).toBe(70);
  });

  it('change nothing when a claim comes again, or after a later one', async () => {
    await world.override(orgId, 100);
    const mine = uuidv7();
    const claim = { number: 1, waiting: 10 };
    await Promise.all(times(5, () => granted(mine, claim)));
    expect(await granted(uuidv7(), { waiting: 1000 })).toBe(90);
    await granted(mine, { number: 3, admitted: 10, held: 10 });
    // The delayed one says that the gateway holds nothing, which was true when it was sent.
    expect(await granted(mine, { number: 2, admitted: 0, held: 0 })).toBe(10);
    expect(await granted(uuidv7(), { waiting: 1 })).toBe(0);
  });

  it('are right after a lost answer: the next claim says what is held', async () => {
    await world.override(orgId, 100);
    const mine = uuidv7();
    await granted(mine, { waiting: 80 });
    expect(await granted(mine, { number: 2, admitted: 0, held: 0, waiting: 5 })).toBe(5);
    expect(await granted(uuidv7(), { waiting: 1000 })).toBe(95);
  });

  it('reserve what a gateway admitted unasked, so that others get less', async () => {
    await world.override(orgId, 100);
    const mine = uuidv7();
    await granted(mine, { waiting: 10 });
    await granted(mine, { number: 2, admitted: 50, held: 50 });
    expect(await granted(uuidv7(), { waiting: 1000 })).toBe(50);
  });

  it('return when a gateway is no more, but for what it used', async () => {
    await world.override(orgId, 100);
    const dead = uuidv7();
    await granted(dead, { waiting: 40, ahead: 0 });
    await use(dead, 15);
    expect(await granted(uuidv7(), { waiting: 1000 })).toBe(60);
    const before = world.clock.time;
    world.clock.pass(TTL_MS + 1);
    await world.leases.deleteExpired(world.dataSource, world.clock.now());
    expect(await granted(uuidv7(), { waiting: 1000 })).toBe(85);
    // What comes late counts all the same.
    await use(dead, 1);
    expect(await world.requestsOf(orgId)).toBe(16);
    world.clock.time = before;
  });

  it('live as long as their gateway claims', async () => {
    const mine = uuidv7();
    const before = world.clock.time;
    await granted(mine, { waiting: 10 });
    world.clock.pass(TTL_MS - 1);
    await granted(mine, { number: 2, admitted: 3, held: 10 });
    world.clock.pass(TTL_MS - 1);
    await world.leases.deleteExpired(world.dataSource, world.clock.now());
    expect(await leaseOf(mine, { number: 3, admitted: 10, held: 10 })).not.toBeNull();
    world.clock.time = before;
  });

  it('that ended, or belong to another org, are gone', async () => {
    expect(await leaseOf(uuidv7(), { number: 2 })).toBeNull();
    const mine = uuidv7();
    await granted(mine, { waiting: 1 });
    expect(await world.claim({ leaseId: mine, orgId: uuidv7(), number: 2 })).toBeNull();
  });

  it('are of one period: at midnight of the first, UTC, everything begins anew', async () => {
    await world.override(orgId, 10);
    const before = world.clock.time;
    world.clock.time = new Date('2026-05-31T23:59:59.999Z');
    const may = uuidv7();
    expect(await granted(may, { waiting: 11 })).toBe(10);
    await use(may, 10);
    expect(await granted(uuidv7(), { waiting: 1 })).toBe(0);
    world.clock.time = new Date('2026-06-01T00:00:00.000Z');
    expect(await leaseOf(may, { number: 2, admitted: 10, held: 10 })).toBeNull();
    expect(await leaseOf(uuidv7(), { waiting: 11 })).toMatchObject({
      granted: 10,
      usedElsewhere: 0,
      period: { start: new Date('2026-06-01T00:00:00Z'), end: new Date('2026-07-01T00:00:00Z') },
    });
    // Admitted in May, and told in June.
    await world.count([
      counted(orgId, world.clock.now(), { leaseId: may, periodStart: new Date('2026-05-01T00:00:00Z') }),
    ]);
    expect(await world.requestsOf(orgId)).toBe(0);
    world.clock.time = before;
    expect(await world.requestsOf(orgId)).toBe(11);
  });

  it('obey a changed plan at the next claim', async () => {
    const mine = uuidv7();
    await world.override(orgId, 1);
    expect(await granted(mine, { waiting: 5 })).toBe(1);
    await world.plans.setLimits(world.dataSource, orgId, { isSponsored: true });
    expect(await leaseOf(mine, { number: 2, admitted: 1, held: 1, waiting: 5 })).toMatchObject({
      granted: 6,
      plan: { requests: null, exempt: true },
    });
  });

  it('of many orgs are settled together, those of other gateways meanwhile', async () => {
    const orgs = times(20, () => uuidv7());
    const batch = (order: string[]) =>
      world.quota.claim(
        order.map((id) => ({ leaseId: uuidv7(), orgId: id, number: 1, admitted: 0, held: 0, waiting: 2, ahead: 0 })),
      );
    const all = await Promise.all(times(8, (n) => batch(n % 2 ? orgs.toReversed() : orgs)));
    expect(all.flat().every((grant) => grant?.granted === 2)).toBe(true);
  });
});
