import { describe, expect, it } from '@jest/globals';
import { Metrics, type Logger } from '@oneclaw/telemetry';
import { HsmTelemetry } from './hsm.telemetry.js';

function telemetryWithLog() {
  const lines: string[] = [];
  const info = (message: string) => lines.push(message);
  const error = ({ reason }: { reason: string }, message: string) => lines.push(`${message}: ${reason}`);
  const metrics = new Metrics('test');
  return { telemetry: new HsmTelemetry(metrics, { info, error } as unknown as Logger), metrics, lines };
}

describe('what operators see of the HSM', () => {
  it('is each change once, not each attempt to connect', () => {
    const { telemetry, lines } = telemetryWithLog();
    telemetry.happened('connected');
    telemetry.happened('lost', 'CKR_DEVICE_REMOVED');
    for (let attempt = 0; attempt < 3; attempt++) telemetry.happened('unavailable', 'CKR_GENERAL_ERROR');
    telemetry.happened('unavailable', 'CKR_PIN_INCORRECT');
    telemetry.happened('connected');
    expect(lines).toEqual([
      'the HSM is connected',
      'the token was lost, all sessions are renewed: CKR_DEVICE_REMOVED',
      'the HSM cannot be reached: CKR_GENERAL_ERROR',
      'the HSM cannot be reached: CKR_PIN_INCORRECT',
      'the HSM is connected',
    ]);
  });

  it('counts items by operation and result', async () => {
    const { telemetry, metrics } = telemetryWithLog();
    telemetry.jobDone('sign', 'ok', 3, 0.002);
    telemetry.jobDone('sign', 'unavailable', 1, 2);
    const text = await metrics.registry.metrics();
    expect(text).toContain('hsm_operations_total{operation="sign",result="ok",service="test"} 3');
    expect(text).toContain('hsm_operations_total{operation="sign",result="unavailable",service="test"} 1');
    expect(text).toContain('hsm_operation_duration_seconds_count{service="test",operation="sign"} 2');
  });
});
