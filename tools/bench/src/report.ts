import type { Memory } from './processes.js';

/** One measured scenario, as printed and as saved. */
export interface Measurement {
  scenario: string;
  connections: number;
  rps: number;
  p50Ms: number;
  p99Ms: number;
  bad: number;
  /** Microseconds of CPU per request, by process. */
  cpuMicrosPerRequest: Record<string, number>;
}

/** With the memory at the end of the run. */
export interface Report extends Memory {
  takenAt: string;
  machine: string;
  measurements: Measurement[];
  notes: string[];
}

export function printReport(report: Report, earlier?: Report): string {
  const rows = report.measurements.map((measured) => measurementRow(measured, earlier));
  return [
    table(['scenario', 'conns', 'req/s', 'p50 ms', 'p99 ms', 'bad', ...(earlier ? ['req/s vs saved'] : [])], rows),
    table(
      ['CPU µs per request', ...report.measurements.map(({ scenario, connections }) => `${scenario} ${connections}`)],
      cpuRows(report),
    ),
    table(['process', 'RSS MB', 'PSS MB'], memoryRows(report)),
    ...report.notes.map((note) => `- ${note}`),
  ].join('\n\n');
}

function measurementRow(measured: Measurement, earlier?: Report): string[] {
  const before = earlier?.measurements.find(
    (candidate) => candidate.scenario === measured.scenario && candidate.connections === measured.connections,
  );
  return [
    measured.scenario,
    String(measured.connections),
    measured.rps.toFixed(0),
    measured.p50Ms.toFixed(1),
    measured.p99Ms.toFixed(1),
    String(measured.bad),
    ...(earlier ? [before ? `× ${(measured.rps / before.rps).toFixed(2)}` : 'new'] : []),
  ];
}

function cpuRows(report: Report): string[][] {
  const processes = [...new Set(report.measurements.flatMap((measured) => Object.keys(measured.cpuMicrosPerRequest)))];
  return processes.map((name) => [
    name,
    ...report.measurements.map((measured) => (measured.cpuMicrosPerRequest[name] ?? 0).toFixed(0)),
  ]);
}

function memoryRows(report: Report): string[][] {
  const { rssMegabytes, pssMegabytes } = report;
  const services = Object.keys(rssMegabytes).filter((name) => name === 'gateway' || name.endsWith('-svc'));
  const together = (of: Record<string, number>) => services.reduce((sum, name) => sum + (of[name] ?? 0), 0).toFixed(0);
  return [
    ...Object.entries(rssMegabytes).map(([name, rss]) => [name, rss.toFixed(0), (pssMegabytes[name] ?? 0).toFixed(0)]),
    ['six services together', together(rssMegabytes), together(pssMegabytes)],
  ];
}

export function table(head: string[], rows: string[][]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
