import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '@oneclaw/stack';
import { runLoad } from '../load.js';
import { cpuPerRequest, sampleStack } from '../processes.js';
import { machine, say } from '../roomy-stack.js';
import type { AuditReport, QueryTiming, Verification } from './audit-report.js';
import { openAuditWorld, type AuditWorld } from './audit-world.js';
import { queriesOf, type Query } from './queries.js';
import { Writer } from './writer.js';

export interface AuditBenchOptions {
  events: number;
  /** Per query. */
  seconds: number;
  /** Events a second that are written meanwhile. */
  rate: number;
  connections: number;
  /** Only queries whose names begin so. */
  only: string | undefined;
  /** Whether to have the whole chain verified at the end. */
  verify: boolean;
}

const WARM_UP_SECONDS = 1;
/** So long events are only written, to see what that costs alone. */
const ALONE_SECONDS = 15;
const URLS = 2000;

/** Queries of a trail of millions of events while more come in. */
export async function measureAudit(stack: Stack, options: AuditBenchOptions): Promise<AuditReport> {
  const world = await openAuditWorld(stack, options.events);
  const queries = (await queriesOf(world.histories[0]!, world.owner.api)).filter(({ name }) =>
    name.startsWith(options.only ?? ''),
  );
  say(`writing ${options.rate} events/s, without queries for ${ALONE_SECONDS} s …`);
  const stopWriter = await Writer.start(stack, world.histories, options.rate);
  const before = sampleStack(stack);
  await pause(ALONE_SECONDS * 1000);
  const cpuMicrosPerEvent = cpuPerRequest(before, sampleStack(stack), ALONE_SECONDS * options.rate);
  const timings: QueryTiming[] = [];
  for (const query of queries) timings.push(await measure(stack, world, query, options));
  const written = await stopWriter();
  say(`written: ${written.events} events, ${written.chainedRate.toFixed(0)} events/s into the chains`);
  const verification = options.verify ? await verify(world) : undefined;
  return {
    takenAt: new Date().toISOString(),
    machine: machine(),
    events: world.events,
    rate: options.rate,
    connections: options.connections,
    timings,
    written,
    cpuMicrosPerEvent,
    ...(verification ? { verification } : {}),
  };
}

async function measure(
  stack: Stack,
  { owner, agentToken }: AuditWorld,
  { name, ask, asAgent }: Query,
  { seconds, connections }: AuditBenchOptions,
): Promise<QueryTiming> {
  const headers = { authorization: `Bearer ${asAgent ? agentToken : owner.token}` };
  const requests = Array.from({ length: URLS }, () => ({
    method: 'GET',
    path: `/v1/audit/events?${ask()}`,
    headers,
  }));
  const plan = { url: stack.url, connections, requests };
  await runLoad({ ...plan, seconds: WARM_UP_SECONDS });
  const result = await runLoad({ ...plan, seconds });
  if (result.bad > 0 || result.ok === 0)
    throw new Error(`${name}: of ${result.ok + result.bad} answers ${result.bad} are not as they should be`);
  const { p50Ms, p99Ms, meanMs } = result;
  say(`${name}: p50 ${p50Ms} ms, p99 ${p99Ms} ms`);
  return { name, rps: result.ok / result.seconds, p50Ms, p99Ms, meanMs };
}

async function verify({ owner }: AuditWorld): Promise<Verification> {
  say('verifying the chain …');
  const start = performance.now();
  const verdict = await owner.api.call<{ chain_valid: boolean; events_checked: number }>('GET', '/v1/audit/verify');
  const seconds = (performance.now() - start) / 1000;
  if (!verdict.chain_valid) throw new Error(`the chain is broken: ${JSON.stringify(verdict)}`);
  say(`${verdict.events_checked} events verified in ${seconds.toFixed(0)} s`);
  return { events: verdict.events_checked, seconds };
}
