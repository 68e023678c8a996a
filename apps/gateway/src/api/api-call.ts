import type { FastifyRequest } from 'fastify';
import type { OutgoingCall } from '@oneclaw/rpc';
import { unauthenticated } from '@oneclaw/errors';
import type { Credentials } from '../sessions/bearer-token.js';
import type { Session } from '../sessions/session.js';
import type { OperationSpec } from './operation.js';

/** A request of nobody in particular. */
export interface PublicCall extends OutgoingCall {
  clientIp: string;
  deadline: number;
  /** SHA-256 of the client's certificate; only where the operation asks for it. */
  clientFingerprint?: Buffer;
}

/** A request of a known caller; first argument of every controller method behind the auth step. */
export interface SessionCall extends PublicCall {
  /** The header as it came, for the one operation that needs the token itself. */
  authorization: string;
  assertion: string;
  session: Session;
}

/** A request of somebody who need not say who they are. */
export interface VisitorCall extends PublicCall {
  /** What it takes to find out who that is (`SessionsService.identify`). */
  credentials: Credentials;
}

export type CallOf<S extends OperationSpec> = S extends { visitors: true }
  ? VisitorCall
  : S['access'] extends 'public'
    ? PublicCall
    : SessionCall;

export function publicCall(request: FastifyRequest): PublicCall {
  const { id: requestId, clientIp, deadline, clientFingerprint } = request;
  return { requestId, clientIp, deadline, ...(clientFingerprint ? { clientFingerprint } : {}) };
}

export function visitorCall(request: FastifyRequest): VisitorCall {
  const { id, headers } = request;
  return { ...publicCall(request), credentials: { id, headers } };
}

export function sessionCall(request: FastifyRequest): SessionCall {
  const { session } = request;
  if (!session) throw unauthenticated();
  return {
    requestId: request.id,
    clientIp: request.clientIp,
    deadline: request.deadline,
    authorization: request.headers.authorization ?? '',
    assertion: session.assertion,
    session,
  };
}
