import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, Metrics, type Logger } from '@oneclaw/telemetry';
import { Counter } from 'prom-client';
import type { OrDamaged } from '../hsm/hsm.port.js';

const OPERATIONS = ['open', 'seal', 'rewrap'] as const;

/** Damaged data is not a fault of the HSM and stops nothing else, but somebody has to hear of it. */
@Injectable()
export class DamageAlarm {
  private readonly damaged: Counter<'operation'>;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.damaged = new Counter({
      name: 'envelope_damaged_total',
      help: 'Envelopes and KEKs that failed authentication: damaged or tampered with. Should be 0.',
      labelNames: ['operation'],
      registers: [metrics.registry],
    });
    // There from the start: Prometheus sees no increase in a series that is born with it.
    for (const operation of OPERATIONS) this.damaged.inc({ operation }, 0);
  }

  report(operation: (typeof OPERATIONS)[number], results: readonly OrDamaged<unknown>[]): void {
    const count = results.filter((result) => result === 'damaged').length;
    if (count === 0) return;
    this.damaged.inc({ operation }, count);
    this.logger.error(
      { operation, count, alarm: 'damaged-data' },
      'envelopes or KEKs are damaged or were tampered with',
    );
  }
}
