import { encode } from '@oneclaw/contracts/encode';
import { UsageEvent } from '@oneclaw/contracts/events';
import { newEventId, type DirectPublisher } from '@oneclaw/events/direct';
import type { OperationSpec } from '../api/operation.js';
import { openApiPath } from '../openapi/path.js';
import type { Admission } from '../quota/org-quota.js';
import type { Session } from '../sessions/session.js';

/** Who is named in the history: a session, or a visitor of whom nothing is known. */
export type UsagePrincipal = Pick<Session, 'type' | 'id' | 'orgId'> | { type: 'anonymous'; orgId: string };

const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** Tells billing-svc, over usage.v1, what was used. Nobody waits for it. */
export class UsageRecorder {
  constructor(private readonly publisher: Pick<DirectPublisher, 'add' | 'backlog' | 'close'>) {}

  /** One counted request, when its answer is known. */
  record(principal: UsagePrincipal, operation: OperationSpec, statusCode: number, admission: Admission): void {
    const event: UsageEvent = {
      orgId: principal.orgId,
      principalType: principal.type,
      principalId: principal.type === 'anonymous' ? NIL_UUID : principal.id,
      method: operation.method,
      endpoint: openApiPath(operation.path),
      statusCode,
      occurredAt: new Date(),
      leaseId: admission.leaseId,
      periodStart: admission.periodStart,
    };
    this.publisher.add(newEventId(), encode(UsageEvent, event));
  }

  /** Requests that the broker has not taken yet. */
  get backlog(): number {
    return this.publisher.backlog;
  }

  /** Hands over what is left, as far as the broker takes it. */
  async close(): Promise<void> {
    await this.publisher.close();
  }
}
