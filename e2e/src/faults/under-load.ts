import type { ServiceName, Stack } from '@oneclaw/stack';
import { gatewayOf } from '../stacks.js';
import { Ledger } from './ledger.js';
import { Load, newTenants } from './load.js';
import { reckon, type ReckoningOptions } from './reckoning.js';

const TENANTS = 2;

export type FaultUnderLoad = (load: Load, ledger: Ledger) => Promise<unknown>;

/**
 * Runs a fault under the load of new tenants, gives the system `backMs` from its end to serve again, and holds it against the
 * ledger. Answers what is wrong.
 */
export async function underLoad(
  stack: Stack,
  backMs: number,
  fault: FaultUnderLoad,
  options: ReckoningOptions = {},
): Promise<string[]> {
  const tenants = await newTenants(gatewayOf(stack), TENANTS);
  const ledger = new Ledger();
  const load = new Load(tenants, ledger);
  try {
    await load.acknowledged(20);
    await fault(load, ledger);
    await load.acknowledged(40, backMs);
  } finally {
    await load.stop();
  }
  return reckon(stack, tenants, ledger, options);
}

/** With -9, all at once. */
export async function killAndStart(stack: Stack, load: Load, names: readonly ServiceName[]): Promise<void> {
  await Promise.all(names.map((name) => stack.service(name).kill()));
  await load.begun(20);
  await Promise.all(names.map((name) => stack.service(name).start()));
}
