import { Injectable } from '@nestjs/common';
import { Metrics } from '@oneclaw/telemetry';
import { Counter } from 'prom-client';

/** An alarm belongs on the second one. */
@Injectable()
export class CheckpointMetrics {
  readonly signed: Counter;
  readonly contradictions: Counter;

  constructor(metrics: Metrics) {
    const registers = [metrics.registry];
    this.signed = new Counter({
      name: 'audit_checkpoints_signed_total',
      help: 'Ends of chains that the HSM signed.',
      registers,
    });
    this.contradictions = new Counter({
      name: 'audit_chain_contradictions_total',
      help: 'Ends of chains that were not signed because they contradict what was signed before. Somebody changed the database.',
      registers,
    });
  }
}
