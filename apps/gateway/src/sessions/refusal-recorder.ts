import { Coalescer } from '@oneclaw/coalesce';
import type { Refusal, SessionServiceDefinition } from '@oneclaw/contracts/auth';
import { internal, unavailable } from '@oneclaw/errors';
import type { RpcClient } from '@oneclaw/rpc';
import type { FastifyRequest } from 'fastify';
import type { OperationSpec } from '../api/operation.js';
import type { Session } from './session.js';

type Client = Pick<RpcClient<typeof SessionServiceDefinition>, 'recordRefusals'>;

/** What an event says of a request. */
export type RefusedRequest = Pick<FastifyRequest, 'id' | 'clientIp' | 'params'>;

/** Writes refusals that the gateway itself decides into the audit trail, by way of auth-svc. */
export class RefusalRecorder {
  private readonly refusals: Coalescer<Refusal, void>;

  constructor(private readonly client: Client) {
    this.refusals = new Coalescer((batch) => this.send(batch), {
      maxItems: 100,
      maxInFlight: 2,
      maxWaiting: 5000,
      onOverflow: () => unavailable('The service is busy. Try again in a moment.'),
    });
  }

  /** Resolves when the refusal is committed. */
  async record(request: RefusedRequest, operation: OperationSpec, session: Session, reason: string): Promise<void> {
    // Of every operation that asks who calls: operations.spec.ts.
    if (!operation.audit) throw internal(`the trail has no name for ${operation.id}`);
    const { action, resource, idFrom } = operation.audit;
    const params = request.params as Record<string, string | undefined>;
    return this.refusals.add({
      assertion: session.assertion,
      action,
      resourceType: resource,
      resourceId: (idFrom && params[idFrom]) ?? '',
      reason,
      ipAddress: request.clientIp,
      requestId: request.id,
    });
  }

  private async send(refusals: Refusal[]): Promise<void[]> {
    await this.client.recordRefusals({ refusals }, { requestId: refusals[0]?.requestId ?? '' });
    return refusals.map(() => undefined);
  }
}
