import { readdirSync, readFileSync } from 'node:fs';
import type { Stack } from '@oneclaw/stack';

interface Sample {
  handles: number;
  megabytes: number;
}

/** What a process had when everything was calm, time after time. */
interface History {
  name: string;
  samples: Sample[];
}

/** At first its pools and caches fill, and its code is compiled: auth-svc's heap after a collection is the same from then on. */
const WARM_UP = 3;
/** Fewer say nothing: see `typical`. */
const SAMPLES = 6;
/** Beyond this a process that nobody restarted has leaked. */
const MORE_HANDLES = 12;
const MORE_MEGABYTES = 32;

/** Open handles and resident memory of the services' processes, by /proc (Linux only). */
export class ProcessWatch {
  private readonly histories = new Map<number, History>();

  constructor(private readonly stack: Stack) {}

  /** To be called whenever everything is calm. */
  sample(): void {
    for (const { instance, pid } of this.stack.services) {
      if (pid === undefined) continue;
      const history = this.histories.get(pid) ?? { name: instance, samples: [] };
      history.samples.push({ handles: handlesOf(pid), megabytes: megabytesOf(pid) });
      this.histories.set(pid, history);
    }
  }

  /** One line per process that lived long enough to say something: the typical state in the first half of its time, and in the second. */
  report(): { lines: string[]; complaints: string[] } {
    const lines: string[] = [];
    const complaints: string[] = [];
    for (const [pid, { name, samples }] of this.histories) {
      const warm = samples.slice(WARM_UP);
      if (warm.length < SAMPLES) continue;
      const half = Math.floor(warm.length / 2);
      const [first, last] = [typical(warm.slice(0, half)), typical(warm.slice(half))];
      const line = `${name} (${pid}) over ${samples.length} faults: ${first.handles} to ${last.handles} handles, ${first.megabytes} to ${last.megabytes} MB`;
      lines.push(line);
      if (last.handles > first.handles + MORE_HANDLES || last.megabytes > first.megabytes + MORE_MEGABYTES)
        complaints.push(line);
    }
    return { lines, complaints };
  }
}

/**
 * The medians. One sample against another would compare moments: V8 collects once its heap has grown by two fifths, and what was freed
 * goes back to the system after some seconds without work, so that auth-svc has 158 MB after one fault and 193 after another, for as long
 * as it runs. A leak lifts all of it.
 */
function typical(samples: readonly Sample[]): Sample {
  return {
    handles: median(samples.map(({ handles }) => handles)),
    megabytes: median(samples.map(({ megabytes }) => megabytes)),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function handlesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function megabytesOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024);
}
