import { afterEach, describe, expect, it } from '@jest/globals';
import type { LeaseClaim, LeaseGrant } from '@oneclaw/contracts/billing';
import { unavailable } from '@oneclaw/errors';
import { createLogger } from '@oneclaw/telemetry';
import { Leases } from './leases.js';
import type { Admission, Refusal } from './org-quota.js';

const logger = createLogger({ service: 'test', level: 'silent' });
const MAY = new Date('2026-05-01T00:00:00Z');
const JUNE = new Date('2026-06-01T00:00:00Z');
const open: Leases[] = [];
afterEach(async () => {
  for (const leases of open.splice(0)) await leases.close();
});

/** The half of billing-svc that gateways see, for one org: exact, and without memory of what is counted. */
class FakeQuota {
  limit: number | undefined = 100;
  up = true;
  losesAnswers = false;
  now = Date.parse('2026-05-15T12:00:00Z');
  claims: LeaseClaim[] = [];
  elsewhere = 0;
  /** By lease. */
  readonly held = new Map<string, { granted: number; number: number; unspent: number; isJune: boolean }>();

  async claimLeases({ claims }: { claims?: unknown[] }) {
    await Promise.resolve();
    if (!this.up) throw unavailable('Away.');
    const grants = (claims as LeaseClaim[]).map((claim) => this.settle(claim));
    if (this.losesAnswers) throw unavailable('Lost.');
    return { grants };
  }

  private settle(claim: LeaseClaim): LeaseGrant {
    this.claims.push(claim);
    const isJune = this.now >= JUNE.getTime();
    const known = this.held.get(claim.leaseId);
    if (known ? known.isJune !== isJune : claim.number !== 1) return { gone: true } as LeaseGrant;
    if (known && claim.number <= known.number) throw new Error('a claim out of order');
    this.held.set(claim.leaseId, { granted: claim.held, number: claim.number, unspent: 0, isJune });
    const ofPeriod = [...this.held].filter(([, lease]) => lease.isJune === isJune);
    const reserved = ofPeriod.reduce((sum, [, { granted }]) => sum + granted, 0);
    const free = this.limit === undefined ? Infinity : Math.max(0, this.limit - this.elsewhere - reserved);
    const waiting = Math.min(claim.waiting, free);
    const keep = Math.floor(Math.min(free - waiting, 1e9) / 20);
    const ahead = Math.max(0, Math.min(claim.ahead, keep - (claim.held - claim.admitted)));
    const others = ofPeriod.filter(([id]) => id !== claim.leaseId);
    const unusedElsewhere = others.reduce((sum, [, { unspent }]) => sum + unspent, 0);
    const granted = claim.held + waiting + ahead;
    this.held.set(claim.leaseId, { granted, number: claim.number, unspent: ahead, isJune });
    return {
      gone: false,
      granted,
      keep,
      unusedElsewhere,
      shareAlone: Math.floor((Math.min(free, 1e9) - waiting - ahead) / (1 + others.length)),
      usedElsewhere: this.elsewhere,
      validForMs: 30_000,
      periodStart: isJune ? JUNE : MAY,
      periodEnd: isJune ? new Date('2026-07-01T00:00:00Z') : JUNE,
      limit: this.limit,
      tier: 'free',
      overageMethod: 'credits',
      creditBalanceCents: 0,
      creditExpiringSoon: false,
    };
  }
}

function gateway(quota: FakeQuota, grace: { graceMs?: number; graceRequests?: number } = {}) {
  const unreported = { some: false };
  const leases = new Leases({
    client: quota as never,
    logger,
    hasUnreported: () => unreported.some,
    graceMs: grace.graceMs ?? 60_000,
    graceRequests: grace.graceRequests ?? 50,
    now: () => quota.now,
  });
  open.push(leases);
  const admit = async (neverRefused = false): Promise<Admission | Refusal> => leases.admit('o1', neverRefused);
  const admitted = async (requests: number, neverRefused = false) => {
    const outcomes = await Promise.all(Array.from({ length: requests }, () => admit(neverRefused)));
    return outcomes.filter((outcome) => outcome.admitted).length;
  };
  /** A quarter of a second passes, and whatever it sets off. */
  const tick = async () => {
    quota.now += 250;
    leases.tick();
    await turn();
  };
  return { leases, admit, admitted, tick, unreported };
}

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('requests within a quota', () => {
  it('are admitted without asking, once there is a lease', async () => {
    const quota = new FakeQuota();
    quota.limit = 1_000_000;
    const { admit, leases } = gateway(quota);
    await admit();
    for (let n = 0; n < 4; n += 1) expect(leases.admit('o1', false)).not.toBeInstanceOf(Promise);
    expect(quota.claims).toHaveLength(1);
  });

  it('of one turn of the event loop ask once', async () => {
    const quota = new FakeQuota();
    expect(await gateway(quota).admitted(30)).toBe(30);
    expect(quota.claims).toHaveLength(1);
  });

  it('are reserved in time for those to come, so that a busy org hardly ever waits', async () => {
    const quota = new FakeQuota();
    quota.limit = 1_000_000;
    const { leases } = gateway(quota);
    let waited = 0;
    for (let n = 0; n < 20_000; n += 1) {
      const outcome = leases.admit('o1', false);
      if (outcome instanceof Promise) {
        waited += 1;
        await outcome;
      }
      if (n % 4 !== 0) continue;
      quota.now += 1;
      await turn();
    }
    expect(waited).toBeLessThan(10);
    expect(quota.claims.length).toBeLessThan(40);
  });

  it('of an org without a limit ask every eight seconds, however many there are', async () => {
    const quota = new FakeQuota();
    quota.limit = undefined;
    const { admitted, tick } = gateway(quota);
    await admitted(1);
    for (let second = 0; second < 16 * 4; second += 1) {
      expect(await admitted(1000)).toBe(1000);
      await tick();
    }
    expect(quota.claims).toHaveLength(3);
  });

  it('tell how much is used: what others used, and all that came through here, this one included', async () => {
    const quota = new FakeQuota();
    quota.elsewhere = 40;
    const { admit } = gateway(quota);
    expect(await admit()).toMatchObject({ used: 41, limit: 100, tier: 'free', overageMethod: 'credits' });
    expect(await admit()).toMatchObject({ used: 42 });
  });
});

describe('the limit', () => {
  it.each([1, 3, 97])('lets exactly as many through as it says, of 50 callers at %i gateways', async (gateways) => {
    const quota = new FakeQuota();
    const all = Array.from({ length: gateways }, () => gateway(quota));
    const counts = await Promise.all(
      Array.from({ length: 50 }, async (_, caller) => {
        let passed = 0;
        const { admit } = all[caller % gateways]!;
        while ((await admit()).admitted) passed += 1;
        return passed;
      }),
    );
    // Whoever holds some unspent gives them back within the patience of those who wait.
    expect(counts.reduce((sum, each) => sum + each, 0)).toBe(100);
  });

  it('refuses at once afterwards, and asks again after a second', async () => {
    const quota = new FakeQuota();
    const { leases, admitted, admit } = gateway(quota);
    expect(await admitted(101)).toBe(100);
    const asked = quota.claims.length;
    expect(leases.admit('o1', false)).toMatchObject({ admitted: false, used: 100, limit: 100 });
    expect(quota.claims).toHaveLength(asked);
    quota.limit = 200;
    quota.now += 1000;
    expect(await admit()).toMatchObject({ admitted: true, used: 101, limit: 200 });
  });

  it('does not stop what is never refused, which counts', async () => {
    const quota = new FakeQuota();
    const { admitted, admit } = gateway(quota);
    await admitted(101);
    expect(await admitted(20, true)).toBe(20);
    expect(await admit()).toMatchObject({ admitted: false, used: 120 });
    quota.now += 1000;
    await admit();
    expect(quota.claims.at(-1)).toMatchObject({ admitted: 120, held: 120 });
  });

  it('is reached by others too: what is unspent here goes back when nobody uses it', async () => {
    const quota = new FakeQuota();
    quota.limit = 1000;
    const idle = gateway(quota);
    await idle.admit();
    const held = () => [...quota.held.values()][0]!.granted;
    expect(held()).toBe(11);
    for (let n = 0; n < 4; n += 1) await idle.tick();
    expect(held()).toBe(1);
  });

  it('waits for what other gateways hold before it refuses', async () => {
    const quota = new FakeQuota();
    quota.limit = 1000;
    const [idle, busy] = [gateway(quota), gateway(quota)];
    await idle.admit();
    quota.limit = 15;
    const outcome = busy.admitted(5);
    await turn();
    expect([...quota.held.values()].map(({ granted }) => granted)).toEqual([11, 4]);
    for (let n = 0; n < 5; n += 1) await idle.tick();
    quota.now += 100;
    expect(await outcome).toBe(5);
  });

  it('refuses in the end where others keep what they hold', async () => {
    const quota = new FakeQuota();
    quota.limit = 1000;
    const [silent, busy] = [gateway(quota), gateway(quota)];
    await silent.admit();
    quota.limit = 11;
    const outcome = busy.admit();
    await turn();
    quota.now += 2500;
    expect(await outcome).toMatchObject({ admitted: false });
  });
});

describe('a new month', () => {
  it('begins with a new lease at its first moment', async () => {
    const quota = new FakeQuota();
    const { admitted, admit } = gateway(quota);
    quota.now = JUNE.getTime() - 1;
    expect(await admitted(101)).toBe(100);
    quota.now = JUNE.getTime();
    expect(await admit()).toMatchObject({ admitted: true, used: 1, periodStart: JUNE });
    expect(quota.claims.at(-1)).toMatchObject({ number: 1, admitted: 0, held: 0 });
  });
});

describe('a lease', () => {
  it('that billing-svc no longer knows is replaced, and nobody notices', async () => {
    const quota = new FakeQuota();
    const { admitted, admit } = gateway(quota);
    await admitted(3);
    quota.held.clear();
    quota.elsewhere = 3;
    quota.now += 30_000;
    expect(await admit()).toMatchObject({ admitted: true, used: 4 });
  });

  it('is not used beyond its time without being renewed', async () => {
    const quota = new FakeQuota();
    const { admit } = gateway(quota);
    await admit();
    quota.now += 27_000;
    await admit();
    expect(quota.claims).toHaveLength(2);
  });

  it('is kept up while what was admitted under it is not reported', async () => {
    const quota = new FakeQuota();
    const { admit, tick, unreported } = gateway(quota);
    await admit();
    for (let n = 0; n < 4; n += 1) await tick();
    const before = quota.claims.length;
    unreported.some = true;
    for (let n = 0; n < 33; n += 1) await tick();
    expect(quota.claims).toHaveLength(before + 1);
  });

  it('is given back when the gateway ends', async () => {
    const quota = new FakeQuota();
    quota.limit = 1000;
    const { admit, leases } = gateway(quota);
    await admit();
    await leases.close();
    expect(quota.claims.at(-1)).toMatchObject({ admitted: 1, held: 1, waiting: 0, ahead: 0 });
  });

  it('is claimed by what is held, so that a lost answer changes nothing', async () => {
    const quota = new FakeQuota();
    const { admitted, admit } = gateway(quota, { graceRequests: 0 });
    quota.losesAnswers = true;
    await expect(admit()).rejects.toMatchObject({ code: 'unavailable' });
    quota.losesAnswers = false;
    quota.now += 250;
    open.at(-1)!.tick();
    await turn();
    expect(await admitted(101)).toBe(100);
  });
});

describe('while billing-svc is away', () => {
  it('requests go on from the lease, and then for a while without it', async () => {
    const quota = new FakeQuota();
    const { admitted, admit } = gateway(quota, { graceRequests: 20 });
    await admitted(10);
    quota.up = false;
    expect(await admitted(24)).toBe(24);
    await expect(admit()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('gateways share what was left, so that together they hardly exceed it', async () => {
    const quota = new FakeQuota();
    const all = [gateway(quota, { graceRequests: 1000 }), gateway(quota, { graceRequests: 1000 })];
    for (const { admit } of all) await admit();
    for (let n = 0; n < 5; n += 1) for (const { tick } of all) await tick();
    quota.up = false;
    const outcomes = all.flatMap(({ admit }) => Array.from({ length: 100 }, () => admit().catch(() => undefined)));
    const passed = (await Promise.all(outcomes)).filter((outcome) => outcome?.admitted).length;
    expect(passed).toBeLessThanOrEqual(98);
    expect(passed).toBeGreaterThan(80);
  });

  it('no request waits for it twice', async () => {
    const quota = new FakeQuota();
    quota.up = false;
    const { admit, leases } = gateway(quota);
    await admit();
    expect(leases.isAlone).toBe(true);
    const { length } = quota.claims;
    await admit();
    expect(quota.claims).toHaveLength(length);
  });

  it('grace ends after its time', async () => {
    const quota = new FakeQuota();
    quota.up = false;
    const { admit } = gateway(quota, { graceMs: 5000 });
    expect(await admit()).toMatchObject({ admitted: true, limit: undefined });
    quota.now += 5000;
    await expect(admit()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('what was used up stays so, and what is never refused is not', async () => {
    const quota = new FakeQuota();
    const { admitted, admit } = gateway(quota);
    await admitted(101);
    quota.up = false;
    quota.now += 1000;
    expect(await admit()).toMatchObject({ admitted: false });
    expect(await admit(true)).toMatchObject({ admitted: true });
  });

  it('an org without a limit goes on for ever', async () => {
    const quota = new FakeQuota();
    quota.limit = undefined;
    const { admit, admitted } = gateway(quota, { graceMs: 1000, graceRequests: 1 });
    await admit();
    quota.up = false;
    quota.now += 86_400_000;
    expect(await admitted(1000)).toBe(1000);
  });

  it('it is asked again four times a second, and told all that was admitted', async () => {
    const quota = new FakeQuota();
    const { admitted, tick, leases } = gateway(quota);
    await admitted(10);
    quota.up = false;
    quota.now += 30_000;
    expect(await admitted(30)).toBe(30);
    quota.up = true;
    await tick();
    expect(leases.isAlone).toBe(false);
    expect(quota.claims.at(-1)).toMatchObject({ admitted: 40, held: 40 });
  });
});
