import { eventually } from '../../eventually.js';
import { gatewayOf } from '../../stacks.js';
import { Ledger } from '../ledger.js';
import { Load, newTenants, type Tenant } from '../load.js';
import { reckon } from '../reckoning.js';
import type { Fault, Ground } from './ground.js';
import { seconds } from './table.js';

export interface Row {
  fault: string;
  ok: number;
  refused: number;
  unknown: number;
  slowestMs: number;
  /** Absent where it did not. */
  recoveredMs: number | undefined;
  complaints: string[];
}

const TENANTS = 2;
/** As often as it takes for every kind of operation to have happened. */
const CALM = 50;
/** How much longer than it may take a recovery is waited for, so that the table says how long it took. */
const PATIENCE_MS = 20_000;
/** Health tells of a trail that is late, which it is until what was kept is handed over. */
const HEALTHY_MS = 30_000;

/** One fault under load, and the reckoning after it. Never throws for what the system does. */
export async function tryFault(ground: Ground, fault: Fault): Promise<Row> {
  const { stack } = ground;
  const complaints: string[] = [];
  const ledger = new Ledger();
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> =>
    work().catch((error: Error) => void complaints.push(error.message));
  const tenants = await attempt(() => newTenants(gatewayOf(stack), TENANTS));
  if (!tenants) return { fault: fault.name, ...measured(ledger), recoveredMs: undefined, complaints };

  const recoveredMs = await attempt(() => strike(ground, fault, tenants, ledger));
  const measures = measured(ledger);
  if (recoveredMs !== undefined) {
    if (recoveredMs > fault.backWithinMs)
      complaints.push(`recovered in ${seconds(recoveredMs)}, where ${seconds(fault.backWithinMs)} are right`);
    if (fault.unfelt && measures.unknown > 0) complaints.push(`users noticed: ${measures.unknown} unknown outcomes`);
    await attempt(() => healthy(ground));
    complaints.push(...((await attempt(() => reckon(stack, tenants, ledger, fault.reckoning))) ?? []));
  } else complaints.push(...ledger.complaints);
  return { fault: fault.name, ...measures, recoveredMs, complaints };
}

async function strike(ground: Ground, fault: Fault, tenants: Tenant[], ledger: Ledger): Promise<number> {
  const load = new Load(tenants, ledger, fault.load);
  try {
    await load.acknowledged(CALM);
    ledger.toleratesDisconnects = fault.disconnects ?? false;
    const heal = await fault.strike(ground, load, ledger);
    const healedAt = performance.now();
    await heal();
    return await load.recovered(healedAt, fault.backWithinMs + PATIENCE_MS);
  } finally {
    await load.stop();
  }
}

function measured(ledger: Ledger): Pick<Row, 'ok' | 'refused' | 'unknown' | 'slowestMs'> {
  const times = ledger.operations.map(({ startedAt, endedAt = startedAt }) => endedAt - startedAt);
  return {
    ok: ledger.count('ok'),
    refused: ledger.count('refused'),
    unknown: ledger.count('unknown'),
    slowestMs: Math.max(0, ...times),
  };
}

async function healthy({ stack }: Ground): Promise<void> {
  await eventually('/v1/health says healthy', HEALTHY_MS, async () => {
    const { status, text } = await gatewayOf(stack).get('/v1/health');
    return status === 200 && text.includes('"healthy"') ? true : undefined;
  });
}
