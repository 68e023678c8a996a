import { table } from '../report.js';
import type { ScenarioName, Stage, Timing } from './stage.js';

export interface WholeList {
  secrets: number;
  seconds: number;
  bytes: number;
  /** The most that a service had beyond what it had before. */
  grownMegabytes: { gateway: number; vault: number };
}

export interface GrowthReport {
  takenAt: string;
  machine: string;
  bySize: Stage[];
  wholeLists: WholeList[];
  /** In the vault of the last size. */
  byPolicies: Stage[];
  /** Until the deletion of the vault was answered. */
  deletionMs: number;
}

export function printGrowth({ bySize, wholeLists, byPolicies, deletionMs }: GrowthReport): string {
  return [
    timings(bySize),
    timings(byPolicies),
    memory([...bySize, ...byPolicies]),
    table(
      ['whole list', ...wholeLists.map(({ secrets }) => `${secrets.toLocaleString('en')} secrets`)],
      [
        ['seconds', ...wholeLists.map(({ seconds }) => seconds.toFixed(1))],
        ['MB of JSON', ...wholeLists.map(({ bytes }) => (bytes / 1e6).toFixed(1))],
        ['gateway, MB more', ...wholeLists.map(({ grownMegabytes }) => String(grownMegabytes.gateway))],
        ['vault-svc, MB more', ...wholeLists.map(({ grownMegabytes }) => String(grownMegabytes.vault))],
      ],
    ),
    `- Deleting the vault with all of it was answered after ${deletionMs.toFixed(0)} ms.`,
  ].join('\n\n');
}

/** One row per scenario, one column per stage, and how the last compares with the first. */
function timings(stages: readonly Stage[]): string {
  const names = [...new Set(stages.flatMap(({ timings: each }) => Object.keys(each)))] as ScenarioName[];
  const rows = names.map((name) => {
    const found = stages.map(({ timings: each }) => each[name]);
    const [first, last] = [found[0], found.at(-1)];
    const ratio = first && last ? `× ${(last.p50Ms / first.p50Ms).toFixed(2)}` : '';
    return [name, ...found.map(cell), ratio];
  });
  return table(['p50 (mean, p99) ms', ...stages.map(({ title }) => title), 'p50, last : first'], rows);
}

function cell(timing: Timing | undefined): string {
  return timing ? `${timing.p50Ms} (${timing.meanMs.toFixed(1)}, ${timing.p99Ms})` : '';
}

function memory(stages: readonly Stage[]): string {
  const names = Object.keys(stages[0]?.rssMegabytes ?? {});
  const rows = names.map((name) => [name, ...stages.map(({ rssMegabytes }) => (rssMegabytes[name] ?? 0).toFixed(0))]);
  return table(['memory, MB', ...stages.map(({ title }) => title)], rows);
}
