import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import type { OperationSpec } from '../api/operation.js';
import type { Admission } from '../quota/org-quota.js';
import type { Session } from '../sessions/session.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent on routes that only refuse (405) and where nothing matched. */
    operation?: OperationSpec;
    /** Methods that the path knows, on routes that exist to say that another one was used. */
    allow?: string;
  }

  /** What the pipeline finds out about a request, step by step. */
  interface FastifyRequest {
    operation: OperationSpec | undefined;
    clientIp: string;
    /** SHA-256 of the client's certificate, 32 bytes; only for operations that ask for it. */
    clientFingerprint: Buffer | undefined;
    /** Epoch milliseconds at which the request is answered with 503 at the latest. */
    deadline: number;
    session: Session | undefined;
    /** Whether others give way to it until it has ended. */
    wentFirst: boolean;
    /** That it counts as usage, until that is reported. */
    admission: Admission | undefined;
  }
}

export type RouteFacts = FastifyContextConfig;

/** Declared once, so that every request object has the same shape from the start. */
export function decorateRequests(app: FastifyInstance): void {
  app.decorateRequest('operation', undefined);
  app.decorateRequest('clientIp', '');
  app.decorateRequest('clientFingerprint', undefined);
  app.decorateRequest('deadline', 0);
  app.decorateRequest('session', undefined);
  app.decorateRequest('wentFirst', false);
  app.decorateRequest('admission', undefined);
}
