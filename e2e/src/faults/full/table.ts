import type { Row } from './trial.js';

const HEAD = ['Fault', 'ok', 'refused', 'unknown', 'slowest answer', 'recovered in', 'verdict'];
const RIGHT = [false, true, true, true, true, true, false];

/** The rows as a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.fault,
    String(row.ok),
    String(row.refused),
    String(row.unknown),
    seconds(row.slowestMs),
    row.recoveredMs === undefined ? 'not' : seconds(row.recoveredMs),
    row.complaints.length === 0 ? 'good' : `bad: ${row.complaints.length}`,
  ]);
  const widths = HEAD.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]): string =>
    `| ${row.map((cell, column) => (RIGHT[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, column) => (RIGHT[column] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(HEAD), line(rule), ...cells.map(line)].join('\n');
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
