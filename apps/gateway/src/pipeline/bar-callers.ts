import type { FastifyReply, FastifyRequest } from 'fastify';
import { permissionDenied } from '@oneclaw/errors';
import type { Access } from '../api/operation.js';
import type { RefusalRecorder } from '../sessions/refusal-recorder.js';
import type { Session } from '../sessions/session.js';

/** Refuses callers whose kind may not call the operation, whatever their rights. The refusal is in the trail before it is told. */
export function barCallersStep(refusals: RefusalRecorder) {
  return (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const { operation, session } = request;
    if (!operation || !session) return done();
    const { agent_id: agentId } = request.params as { agent_id?: string };
    const reason = barOf(operation.access, session, agentId);
    if (reason === undefined) return done();
    refusals.record(request, operation, session, reason).then(() => done(permissionDenied(reason)), done);
  };
}

/** Why this kind of caller is barred, or `undefined`. */
export function barOf(access: Access, session: Session, agentId: string | undefined): string | undefined {
  if (access === 'public') return undefined;
  if (session.type === 'user') return access.users ? undefined : 'Only agents may call this.';
  if (access.agents === true) return undefined;
  if (access.agents === false) return 'Agents may not call this.';
  return agentId?.toLowerCase() === session.id ? undefined : 'Agents may call this for themselves only.';
}
