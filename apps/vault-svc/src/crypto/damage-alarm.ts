import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, Metrics, type Logger } from '@oneclaw/telemetry';
import { Counter } from 'prom-client';

/** Which data is damaged: ids only. */
export interface DamagedPlace {
  vaultId: string;
  requestId: string;
  secretId?: string;
  version?: number;
}

/** Damaged or tampered rows fail the item that needs them and stop nothing else, but somebody has to hear of it. */
@Injectable()
export class DamageAlarm {
  private readonly damaged: Counter;

  constructor(
    metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.damaged = new Counter({
      name: 'vault_envelope_damaged_total',
      help: 'Envelopes that did not open at their place, and KEKs that nothing could be sealed under: damaged or tampered rows. Alert on any.',
      registers: [metrics.registry],
    });
  }

  raise(what: 'envelope' | 'kek' | 'numbering', place: DamagedPlace): void {
    this.damaged.inc();
    this.logger.error({ ...place, alarm: 'damaged-data' }, `the ${what} is damaged or misplaced`);
  }
}
