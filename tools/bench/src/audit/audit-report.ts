import { table } from '../report.js';
import type { Written } from './writer.js';

export interface QueryTiming {
  name: string;
  rps: number;
  meanMs: number;
  p50Ms: number;
  p99Ms: number;
}

export interface Verification {
  events: number;
  seconds: number;
}

export interface AuditReport {
  takenAt: string;
  machine: string;
  /** In the trail before anything was measured, over all orgs. */
  events: number;
  /** Events a second that were written meanwhile. */
  rate: number;
  connections: number;
  timings: QueryTiming[];
  written: Written;
  /** While events were only written; by process. */
  cpuMicrosPerEvent: Record<string, number>;
  verification?: Verification;
}

export function printAudit(report: AuditReport): string {
  const { written, verification } = report;
  const rows = report.timings.map(({ name, p50Ms, p99Ms, rps }) => [
    name,
    String(p50Ms),
    String(p99Ms),
    rps.toFixed(0),
  ]);
  const cpu = Object.entries(report.cpuMicrosPerEvent).map(([name, micros]) => [name, micros.toFixed(0)]);
  const notes = [
    `${report.events.toLocaleString('en')} events before; ${report.connections} connections beside ${report.rate} events/s written.`,
    `${written.events} events written in ${written.seconds.toFixed(0)} s; ${written.chainedRate.toFixed(0)} a second came into the chains, ` +
      `never more than ${written.mostBehindSeconds.toFixed(1)} s of them under way; the last was there ${written.settledSeconds.toFixed(1)} s after the end.`,
    ...(verification
      ? [
          `The chain of ${verification.events.toLocaleString('en')} events was verified in ${verification.seconds.toFixed(0)} s.`,
        ]
      : []),
  ];
  return [
    table(['query', 'p50 ms', 'p99 ms', 'req/s'], rows),
    table(['process', 'CPU µs per event, no queries'], cpu),
    ...notes.map((note) => `- ${note}`),
  ].join('\n\n');
}
