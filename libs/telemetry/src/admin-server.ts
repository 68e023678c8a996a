import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Gauge } from 'prom-client';
import type { Metrics } from './metrics.js';
import type { Readiness } from './readiness.js';

/** `/livez`, `/readyz` and `/metrics` over plain HTTP, on a port that only operators and probes reach. */
export class AdminServer {
  private readonly server: Server;

  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
  ) {
    new Gauge({
      name: 'readiness_check_ok',
      help: '1 where a check of /readyz passes, 0 where it fails.',
      labelNames: ['check'],
      registers: [metrics.registry],
      async collect() {
        const { checks } = await readiness.report();
        this.reset();
        for (const [check, result] of Object.entries(checks)) this.set({ check }, result === 'ok' ? 1 : 0);
      },
    });
    this.server = createServer((request, response) => {
      void this.answer(request.url ?? '/', response).catch(() => send(response, 500, 'text/plain', 'error\n'));
    });
  }

  async listen(address: { host: string; port: number }): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(address.port, address.host, resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async answer(url: string, response: ServerResponse): Promise<void> {
    if (url === '/livez') return send(response, 200, 'application/json', '{"status":"ok"}\n');
    if (url === '/readyz') {
      const report = await this.readiness.report();
      return send(response, report.ready ? 200 : 503, 'application/json', `${JSON.stringify(report)}\n`);
    }
    if (url === '/metrics') {
      const { registry } = this.metrics;
      return send(response, 200, registry.contentType, await registry.metrics());
    }
    return send(response, 404, 'text/plain', 'not found\n');
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}
