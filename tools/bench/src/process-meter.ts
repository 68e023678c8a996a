import { readFileSync, readdirSync } from 'node:fs';

/** CPU seconds and memory of a group of processes, read from /proc (Linux only). */
export interface ProcessSample {
  cpuSeconds: number;
  /** Resident memory; of several processes the proportional share, or what they share would count for each. */
  rssMegabytes: number;
  /** Of every page that n processes of the machine have in common, an nth. */
  pssMegabytes: number;
}

const TICKS_PER_SECOND = 100;

/** A process, with all its descendants where asked for. */
export function sampleTree(pid: number, { withDescendants }: { withDescendants: boolean }): ProcessSample {
  const samples = [pid, ...(withDescendants ? descendantsOf(pid) : [])].map((each) => sampleOne(each, withDescendants));
  return {
    cpuSeconds: samples.reduce((sum, sample) => sum + sample.cpuSeconds, 0),
    rssMegabytes: samples.reduce((sum, sample) => sum + sample.rssMegabytes, 0),
    pssMegabytes: samples.reduce((sum, sample) => sum + sample.pssMegabytes, 0),
  };
}

function sampleOne(pid: number, proportional: boolean): ProcessSample {
  try {
    const fields = afterName(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    const ticks = [11, 12].reduce((sum, index) => sum + Number(fields[index]), 0);
    const pssMegabytes = megabytesOf(`/proc/${pid}/smaps_rollup`, 'Pss');
    const rssMegabytes = proportional ? pssMegabytes : megabytesOf(`/proc/${pid}/status`, 'VmRSS');
    return { cpuSeconds: ticks / TICKS_PER_SECOND, rssMegabytes, pssMegabytes };
  } catch {
    return { cpuSeconds: 0, rssMegabytes: 0, pssMegabytes: 0 };
  }
}

function megabytesOf(file: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))?.[1] ?? 0) / 1024;
}

function descendantsOf(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = parentOf(Number(entry));
    parents.set(parent, [...(parents.get(parent) ?? []), Number(entry)]);
  }
  const children = (of: number): number[] => (parents.get(of) ?? []).flatMap((child) => [child, ...children(child)]);
  return children(pid);
}

function parentOf(pid: number): number {
  try {
    return Number(afterName(readFileSync(`/proc/${pid}/stat`, 'utf8'))[1]);
  } catch {
    return 0;
  }
}

/** The fields behind the parenthesised name, which may itself hold spaces. */
function afterName(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
