import type { OperationSpec } from '../api/operation.js';
import type { Leases } from '../quota/leases.js';
import type { UsageRecorder } from './usage-recorder.js';

/** Requests without a session that count for somebody's org, such as a visitor's who opens a shared link. */
export class Visits {
  constructor(
    private readonly leases: Leases,
    private readonly usage: UsageRecorder,
  ) {}

  /**
   * Counts one for the org, answered with `statusCode`. It is never refused: orgs that pay for what is beyond their quota by x402 will be
   * asked for that here.
   */
  async count(orgId: string, operation: OperationSpec, statusCode: number): Promise<void> {
    const admission = await this.leases.admit(orgId, true);
    if (admission.admitted) this.usage.record({ type: 'anonymous', orgId }, operation, statusCode, admission);
  }
}
