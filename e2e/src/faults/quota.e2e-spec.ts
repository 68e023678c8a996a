import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import type { Api } from '../client.js';
import { eventually } from '../eventually.js';
import { countedRequests, countsTo, setQuota } from '../plans.js';
import { gatewayOf } from '../stacks.js';
import { newOwner, type Owner } from '../world.js';
import { faultStack } from './fault-stack.js';

const SCENARIO_MS = 120_000;
/** Of a lease, in place of half a minute. */
const TTL_MS = 4000;
const GATEWAYS = 3;

let stack: Stack;

beforeAll(async () => {
  stack = await faultStack({
    durable: true,
    replicas: { gateway: GATEWAYS },
    env: { 'billing-svc': { DEFAULT_TIER: 'free', QUOTA_LEASE_TTL: `${TTL_MS}ms` } },
  });
});

afterAll(() => stack?.stop());

/** Callers that go on, each at a gateway that answers, until they are told to stop. */
class Callers {
  passed = 0;
  refused = 0;
  /** Sent, and no answer came: the gateway died. They may count or not. */
  unknown = 0;
  readonly others: string[] = [];
  private stopping = false;
  private readonly finished: Promise<unknown>;

  constructor(
    private readonly at: readonly Api[],
    count: number,
    private readonly stopsWhenRefused: boolean,
  ) {
    this.finished = Promise.all(Array.from({ length: count }, (_, caller) => this.work(caller)));
  }

  /** Resolves once so many have passed. */
  async reach(passed: number): Promise<void> {
    await eventually(`${passed} requests pass`, 60_000, async () => (this.passed >= passed ? true : undefined));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.finished;
  }

  /** Resolves when every caller was refused. */
  async end(): Promise<void> {
    await this.finished;
  }

  private async work(caller: number): Promise<void> {
    let index = caller;
    while (!this.stopping) {
      try {
        const { status, text } = await this.at[index % this.at.length]!.get('/v1/vaults');
        if (status === 200) this.passed += 1;
        else if (status === 402) this.refused += 1;
        else this.others.push(`${status} ${text}`);
        if (status === 402 && this.stopsWhenRefused) return;
      } catch (error) {
        // Nobody listens there any more: nothing was sent.
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') this.unknown += 1;
        index += 1;
      }
    }
  }
}

async function newOrg(quota: number): Promise<{ owner: Owner; at: Api[] }> {
  const owner = await newOwner(gatewayOf(stack));
  await setQuota(stack, owner.orgId, quota);
  return { owner, at: stack.gatewayUrls.map((url) => owner.api.at(url)) };
}

describe('the quota of an org', () => {
  it(
    'is exact when a gateway is killed in the middle of it: what it used counts, what it held comes back',
    async () => {
      const limit = 900;
      const { owner, at } = await newOrg(limit);
      const callers = new Callers(at, 24, true);
      await callers.reach(250);
      await stack.service('gateway', 2).kill('SIGKILL');
      await callers.end();
      expect(callers.others).toEqual([]);
      expect(callers.passed).toBeLessThanOrEqual(limit);
      // What the dead one held is refused to others until its lease has ended; then it is there again, to the last request.
      let later = 0;
      await eventually('the last of the quota is used', 10 * TTL_MS, async () => {
        if ((await at[0]!.get('/v1/vaults')).status === 200) later += 1;
        return (await countedRequests(stack, owner.orgId)) >= limit ? true : undefined;
      });
      await countsTo(stack, owner.orgId, limit);
      expect((await at[1]!.get('/v1/vaults')).status).toBe(402);
      const passed = callers.passed + later;
      expect(passed).toBeLessThanOrEqual(limit);
      expect(passed).toBeGreaterThanOrEqual(limit - callers.unknown);
      await stack.service('gateway', 2).start();
    },
    SCENARIO_MS,
  );

  it(
    'is exact when billing-svc is killed in the middle of it, and nobody is refused for that',
    async () => {
      const limit = 900;
      const { owner, at } = await newOrg(limit);
      const before = new Callers(at, 12, false);
      await before.reach(100);
      await stack.service('billing-svc').kill('SIGKILL');
      await before.reach(300);
      await before.stop();
      expect([before.refused, before.others]).toEqual([0, []]);
      await stack.service('billing-svc').start();
      const after = new Callers(at, 12, true);
      await after.end();
      expect(after.others).toEqual([]);
      expect(before.passed + after.passed).toBe(limit);
      await countsTo(stack, owner.orgId, limit);
    },
    SCENARIO_MS,
  );

  it(
    'counts what came while NATS was away and killed, and is exact then too',
    async () => {
      const limit = 700;
      const { owner, at } = await newOrg(limit);
      const callers = new Callers(at, 12, true);
      await callers.reach(50);
      stack.nats.child.kill('SIGKILL');
      await callers.reach(200);
      await stack.nats.start();
      await callers.end();
      expect(callers.others).toEqual([]);
      expect(callers.passed).toBe(limit);
      await countsTo(stack, owner.orgId, limit, 30_000);
    },
    SCENARIO_MS,
  );

  it(
    'loses no request and counts none twice while billing-svc is killed again and again',
    async () => {
      const { owner, at } = await newOrg(1_000_000);
      const callers = new Callers(at, 8, false);
      for (let round = 0; round < 3; round += 1) {
        await callers.reach(callers.passed + 100);
        await stack.service('billing-svc').kill('SIGKILL');
        await callers.reach(callers.passed + 100);
        await stack.service('billing-svc').start();
      }
      await callers.stop();
      expect(callers.others).toEqual([]);
      await countsTo(stack, owner.orgId, callers.passed, 30_000);
    },
    SCENARIO_MS,
  );
});
