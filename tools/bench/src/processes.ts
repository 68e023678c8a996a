import type { Stack } from '@oneclaw/stack';
import { sampleTree, type ProcessSample } from './process-meter.js';

/** One sample per process of the stack, Postgres with all its backends as one. */
export function sampleStack(stack: Stack): Record<string, ProcessSample> {
  const pids: [string, number | undefined][] = [
    ...stack.services.map((service) => [service.name, service.pid] as [string, number | undefined]),
    ['postgres', stack.postgres.pid],
    ['nats', stack.nats.pid],
  ];
  const samples: Record<string, ProcessSample> = {};
  for (const [name, pid] of pids) {
    if (pid !== undefined) samples[name] = sampleTree(pid, { withDescendants: name === 'postgres' });
  }
  return samples;
}

export interface Memory {
  /** By process. */
  rssMegabytes: Record<string, number>;
  pssMegabytes: Record<string, number>;
}

export function memoryOf(stack: Stack): Memory {
  const samples = Object.entries(sampleStack(stack));
  return {
    rssMegabytes: Object.fromEntries(samples.map(([name, sample]) => [name, sample.rssMegabytes])),
    pssMegabytes: Object.fromEntries(samples.map(([name, sample]) => [name, sample.pssMegabytes])),
  };
}

/** Microseconds of CPU per request between two samples. */
export function cpuPerRequest(
  before: Record<string, ProcessSample>,
  after: Record<string, ProcessSample>,
  requests: number,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, sample]) => {
      const spent = sample.cpuSeconds - (before[name]?.cpuSeconds ?? 0);
      return [name, (spent * 1e6) / Math.max(1, requests)];
    }),
  );
}
