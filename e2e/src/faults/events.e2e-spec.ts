import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServiceName, Stack } from '@oneclaw/stack';
import { INFRASTRUCTURE_BACK_MS, SERVICE_BACK_MS } from './deadlines.js';
import { faultStack } from './fault-stack.js';
import type { Ledger } from './ledger.js';
import type { Load } from './load.js';
import { killAndStart, underLoad } from './under-load.js';

const SCENARIO_MS = 120_000;
const LOSES_USAGE = { usage: 'lossy' } as const;

let stack: Stack;

beforeAll(async () => {
  stack = await faultStack({ durable: true });
});

afterAll(() => stack?.stop());

describe('under a mixed load, nothing is lost, nothing is doubled, and every chain verifies', () => {
  it(
    'when audit-svc is killed again and again',
    async () => {
      const complaints = await underLoad(stack, SERVICE_BACK_MS, async (load, ledger) => {
        for (const pause of [1, 30]) {
          await load.begun(pause);
          await killAndStart(stack, load, ['audit-svc']);
        }
        expect(ledger.unknown).toBe(0);
      });
      expect(complaints).toEqual([]);
    },
    SCENARIO_MS,
  );

  it.each<ServiceName>(['vault-svc', 'auth-svc', 'crypto-svc'])(
    'when %s is killed',
    async (name) => {
      const complaints = await underLoad(stack, SERVICE_BACK_MS, (load) => killAndStart(stack, load, [name]));
      expect(complaints).toEqual([]);
    },
    SCENARIO_MS,
  );

  it(
    'when NATS is killed twice, and nobody notices but the trail, which lags',
    async () => {
      const complaints = await underLoad(stack, INFRASTRUCTURE_BACK_MS, async (load, ledger) => {
        for (const outage of [10, 80]) {
          stack.nats.child.kill('SIGKILL');
          await stack.nats.child.gone();
          await load.acknowledged(outage);
          await stack.nats.start();
          await load.acknowledged(30);
        }
        expect(ledger.unknown).toBe(0);
      });
      expect(complaints).toEqual([]);
    },
    SCENARIO_MS,
  );

  it(
    'when the relays are killed while NATS is away',
    async () => {
      const complaints = await underLoad(stack, SERVICE_BACK_MS, async (load) => {
        stack.nats.child.kill('SIGKILL');
        await stack.nats.child.gone();
        await load.acknowledged(20);
        await killAndStart(stack, load, ['vault-svc', 'auth-svc']);
        await stack.nats.start();
      });
      expect(complaints).toEqual([]);
    },
    SCENARIO_MS,
  );

  it(
    'when NATS loses its store with events that nobody has had',
    async () => {
      const fault = async (load: Load, ledger: Ledger): Promise<void> => {
        await stack.service('audit-svc').kill();
        await load.acknowledged(60);
        await stack.nats.wipeStore();
        await stack.service('audit-svc').start();
        expect(ledger.unknown).toBe(0);
      };
      expect(await underLoad(stack, INFRASTRUCTURE_BACK_MS, fault, LOSES_USAGE)).toEqual([]);
    },
    SCENARIO_MS,
  );

  it(
    'when everything is killed at once and started on the same state',
    async () => {
      const fault = async (load: Load, ledger: Ledger): Promise<void> => {
        ledger.toleratesDisconnects = true;
        stack.nats.child.kill('SIGKILL');
        stack.postgres.child.kill('SIGKILL');
        await Promise.all(stack.services.map((service) => service.kill()));
        await Promise.all([stack.nats.child.gone(), stack.postgres.child.gone()]);
        await load.failed(10);
        await Promise.all([stack.nats.start(), stack.postgres.start()]);
        await Promise.all(stack.services.map((service) => service.start()));
      };
      expect(await underLoad(stack, INFRASTRUCTURE_BACK_MS, fault, LOSES_USAGE)).toEqual([]);
    },
    SCENARIO_MS,
  );
});
