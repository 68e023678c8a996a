import type { FastifyReply, FastifyRequest } from 'fastify';
import { permissionDenied } from '@oneclaw/errors';
import { covers } from '../api/key-scope.js';
import type { OperationSpec, SessionAccess } from '../api/operation.js';
import type { RefusalRecorder } from '../sessions/refusal-recorder.js';
import type { Session } from '../sessions/session.js';

/** Refuses callers whose kind may not call the operation, whatever their rights. The refusal is in the trail before it is told. */
export function barCallersStep(refusals: RefusalRecorder) {
  return (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const { operation, session } = request;
    if (!operation || !session) return done();
    const { agent_id: agentId } = request.params as { agent_id?: string };
    const reason = barOf(operation, session, agentId);
    if (reason === undefined) return done();
    refusals.record(request, operation, session, reason).then(() => done(permissionDenied(reason)), done);
  };
}

type Barring = Pick<OperationSpec, 'access' | 'keyScope'>;

/** Why this kind of caller is barred, or `undefined`. */
export function barOf(operation: Barring, session: Session, agentId: string | undefined): string | undefined {
  const { access, keyScope } = operation;
  if (access === 'public') return undefined;
  if (session.type === 'agent') return barOfAgent(access, session, agentId);
  if (!access.users) return 'Only agents may call this.';
  if (session.kind !== 'api_key') return undefined;
  if (access.interactive) return 'A personal API key is not enough for this: log in.';
  return session.scoped && !covers(session.areaScopes, keyScope)
    ? 'The scopes of this API key do not cover this.'
    : undefined;
}

function barOfAgent({ agents }: SessionAccess, { id }: Session, agentId: string | undefined): string | undefined {
  if (agents === true) return undefined;
  if (agents === false) return 'Agents may not call this.';
  return agentId?.toLowerCase() === id ? undefined : 'Agents may call this for themselves only.';
}
