import { readdirSync, readFileSync } from 'node:fs';
import type { Stack } from '@oneclaw/stack';

interface Sample {
  handles: number;
  megabytes: number;
}

/** What a process had when everything was calm, from the second time on: the first time its pools and caches fill. */
interface History {
  name: string;
  samples: Sample[];
}

/** Beyond this a process that nobody restarted has leaked. */
const MORE_HANDLES = 12;
const MORE_MEGABYTES = 48;

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

  /** One line per process that lived through more than two faults. */
  report(): { lines: string[]; complaints: string[] } {
    const lines: string[] = [];
    const complaints: string[] = [];
    for (const [pid, { name, samples }] of this.histories) {
      const [, first] = samples;
      const last = samples.at(-1);
      if (!first || !last || samples.length < 3) continue;
      const line = `${name} (${pid}) over ${samples.length} faults: ${first.handles} to ${last.handles} handles, ${first.megabytes} to ${last.megabytes} MB`;
      lines.push(line);
      if (last.handles > first.handles + MORE_HANDLES || last.megabytes > first.megabytes + MORE_MEGABYTES)
        complaints.push(line);
    }
    return { lines, complaints };
  }
}

function handlesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function megabytesOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024);
}
