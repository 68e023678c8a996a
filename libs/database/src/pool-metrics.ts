import type { Metrics } from '@oneclaw/telemetry';
import { Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';

interface Pool {
  totalCount: number;
  idleCount: number;
  waitingCount: number;
}

/** Connections in use, idle, and callers waiting for one. */
export function observePool(dataSource: DataSource, metrics: Metrics): void {
  const { master: pool } = dataSource.driver as unknown as { master: Pool };
  new Gauge({
    name: 'database_pool_connections',
    help: 'Postgres connections by state, and callers that wait for one.',
    labelNames: ['state'],
    registers: [metrics.registry],
    collect() {
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
}
