import { randomUUID } from 'node:crypto';
import type { UsageRecord, UsageServiceDefinition } from '@oneclaw/contracts/billing';
import type { RpcClient } from '@oneclaw/rpc';
import type { Logger } from '@oneclaw/telemetry';
import type { OperationSpec } from '../api/operation.js';
import { openApiPath } from '../openapi/path.js';
import type { Session } from '../sessions/session.js';

type Client = Pick<RpcClient<typeof UsageServiceDefinition>, 'reportUsage'>;

interface Report {
  reportId: string;
  records: UsageRecord[];
}

export interface UsageReporterOptions {
  intervalMs?: number;
  /** Records that make a report at once. */
  batch?: number;
  /** Records kept at most while billing-svc is away; beyond it the oldest report goes. */
  maxRecords?: number;
}

const CLOSE_ATTEMPTS = 3;

/**
 * Tells billing-svc what was used, in batches. A report keeps its id until it is accepted, so that a retry counts nothing
 * twice. Nobody waits for it; what does not fit into memory is lost, and the log says so.
 */
export class UsageReporter {
  private pending: UsageRecord[] = [];
  private reports: Report[] = [];
  private sending: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout;
  private readonly batch: number;
  private readonly maxRecords: number;

  constructor(
    private readonly client: Client,
    private readonly logger: Logger,
    options: UsageReporterOptions = {},
  ) {
    this.batch = options.batch ?? 500;
    this.maxRecords = options.maxRecords ?? 200_000;
    this.timer = setInterval(() => void this.flush(), options.intervalMs ?? 1000);
    this.timer.unref();
  }

  add(session: Session, operation: OperationSpec, statusCode: number): void {
    this.pending.push({
      orgId: session.orgId,
      principalType: session.type,
      principalId: session.id,
      method: operation.method,
      endpoint: openApiPath(operation.path),
      statusCode,
      occurredAt: new Date(),
    });
    if (this.pending.length >= this.batch) void this.flush();
  }

  /** Records that billing-svc has not accepted yet. */
  get backlog(): number {
    return this.reports.reduce((sum, report) => sum + report.records.length, this.pending.length);
  }

  /** Tries to send all there is; never rejects. */
  async flush(): Promise<void> {
    this.seal();
    this.sending ??= this.send().finally(() => (this.sending = undefined));
    return this.sending;
  }

  /** Hands over what is left, as far as billing-svc takes it. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    for (let attempt = 1; attempt <= CLOSE_ATTEMPTS && this.backlog > 0; attempt += 1) await this.flush();
    if (this.backlog > 0) this.logger.error({ records: this.backlog }, 'usage records are lost at shutdown');
  }

  private seal(): void {
    if (this.pending.length === 0) return;
    this.reports.push({ reportId: randomUUID(), records: this.pending });
    this.pending = [];
    while (this.reports.length > 1 && this.backlog > this.maxRecords) {
      const lost = this.reports.shift();
      this.logger.error(
        { records: lost?.records.length },
        'usage records are lost: billing-svc has been away too long',
      );
    }
  }

  /** Oldest first. A failure ends the attempt, and the next one begins with another report, should this one be at fault. */
  private async send(): Promise<void> {
    for (let report = this.reports[0]; report; report = this.reports[0]) {
      try {
        await this.client.reportUsage(report, { requestId: `usage-${report.reportId}` });
        this.remove(report);
      } catch (error) {
        if (this.remove(report)) this.reports.push(report);
        this.logger.warn({ err: error, backlog: this.backlog }, 'usage could not be reported');
        return;
      }
    }
  }

  /** False when it was given up meanwhile. */
  private remove(report: Report): boolean {
    const index = this.reports.indexOf(report);
    if (index !== -1) this.reports.splice(index, 1);
    return index !== -1;
  }
}
