import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServiceName, Stack } from '@oneclaw/stack';
import { gatewayOf } from '../stacks.js';
import { faultStack } from './fault-stack.js';
import { Ledger } from './ledger.js';
import { Load, newTenants, type Tenant } from './load.js';
import { reckon, type ReckoningOptions } from './reckoning.js';

const SCENARIO_MS = 120_000;
/** From its start on, until requests succeed again. */
const SERVICE_BACK_MS = 10_000;
const INFRASTRUCTURE_BACK_MS = 30_000;

const LOSES_USAGE = { usage: 'lossy' } as const;

let stack: Stack;
let tenants: Tenant[];
let ledger: Ledger;

beforeAll(async () => {
  stack = await faultStack({ durable: true });
});

afterAll(() => stack?.stop());

beforeEach(async () => {
  tenants = await newTenants(gatewayOf(stack), 2);
  ledger = new Ledger();
});

/** Runs a fault under load, gives the system time to serve again, and holds it against the ledger. */
async function underLoad(
  backMs: number,
  fault: (load: Load) => Promise<void>,
  options: ReckoningOptions = {},
): Promise<void> {
  const load = new Load(tenants, ledger);
  try {
    await load.acknowledged(20);
    await fault(load);
    await load.acknowledged(40, backMs);
  } finally {
    await load.stop();
  }
  expect(await reckon(stack, tenants, ledger, options)).toEqual([]);
}

async function killAndStart(load: Load, names: readonly ServiceName[]): Promise<void> {
  await Promise.all(names.map((name) => stack.service(name).kill()));
  await load.begun(20);
  await Promise.all(names.map((name) => stack.service(name).start()));
}

describe('under a mixed load, nothing is lost, nothing is doubled, and every chain verifies', () => {
  it(
    'when audit-svc is killed again and again',
    () =>
      underLoad(SERVICE_BACK_MS, async (load) => {
        for (const pause of [1, 30]) {
          await load.begun(pause);
          await killAndStart(load, ['audit-svc']);
        }
        expect(ledger.unknown).toBe(0);
      }),
    SCENARIO_MS,
  );

  it.each<ServiceName>(['vault-svc', 'auth-svc', 'crypto-svc'])(
    'when %s is killed',
    (name) => underLoad(SERVICE_BACK_MS, (load) => killAndStart(load, [name])),
    SCENARIO_MS,
  );

  it(
    'when NATS is killed twice, and nobody notices but the trail, which lags',
    () =>
      underLoad(INFRASTRUCTURE_BACK_MS, async (load) => {
        for (const outage of [10, 80]) {
          stack.nats.child.kill('SIGKILL');
          await stack.nats.child.gone();
          await load.acknowledged(outage);
          await stack.nats.start();
          await load.acknowledged(30);
        }
        expect(ledger.unknown).toBe(0);
      }),
    SCENARIO_MS,
  );

  it(
    'when the relays are killed while NATS is away',
    () =>
      underLoad(SERVICE_BACK_MS, async (load) => {
        stack.nats.child.kill('SIGKILL');
        await stack.nats.child.gone();
        await load.acknowledged(20);
        await killAndStart(load, ['vault-svc', 'auth-svc']);
        await stack.nats.start();
      }),
    SCENARIO_MS,
  );

  it(
    'when NATS loses its store with events that nobody has had',
    () =>
      underLoad(
        INFRASTRUCTURE_BACK_MS,
        async (load) => {
          await stack.service('audit-svc').kill();
          await load.acknowledged(60);
          await stack.nats.wipeStore();
          await stack.service('audit-svc').start();
          expect(ledger.unknown).toBe(0);
        },
        LOSES_USAGE,
      ),
    SCENARIO_MS,
  );

  it(
    'when everything is killed at once and started on the same state',
    () =>
      underLoad(
        INFRASTRUCTURE_BACK_MS,
        async (load) => {
          ledger.toleratesDisconnects = true;
          stack.nats.child.kill('SIGKILL');
          stack.postgres.child.kill('SIGKILL');
          await Promise.all(stack.services.map((service) => service.kill()));
          await Promise.all([stack.nats.child.gone(), stack.postgres.child.gone()]);
          await load.failed(10);
          await Promise.all([stack.nats.start(), stack.postgres.start()]);
          await Promise.all(stack.services.map((service) => service.start()));
        },
        LOSES_USAGE,
      ),
    SCENARIO_MS,
  );
});
