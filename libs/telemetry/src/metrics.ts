import { Registry, collectDefaultMetrics } from 'prom-client';

/** One registry per service object, so that several services can live in one test process. */
export class Metrics {
  readonly registry = new Registry();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
  }
}
