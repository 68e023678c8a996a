import { Metrics, createLogger } from '@oneclaw/telemetry';
import { DamageAlarm } from '../damage-alarm.js';

/** The real alarm, silent, with the number of damaged things that it reported. */
export class RecordedAlarm extends DamageAlarm {
  readonly reported: { operation: string; count: number }[] = [];

  constructor() {
    super(createLogger({ service: 'test', level: 'silent' }), new Metrics('test'));
  }

  override report(operation: 'open' | 'seal' | 'rewrap', results: readonly unknown[]): void {
    super.report(operation, results as never[]);
    const count = results.filter((result) => result === 'damaged').length;
    if (count > 0) this.reported.push({ operation, count });
  }
}
