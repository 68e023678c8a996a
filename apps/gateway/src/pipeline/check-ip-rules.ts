import { permissionDenied } from '@oneclaw/errors';
import type { IpRefusal } from '@oneclaw/caller/ip-rules';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RefusalRecorder } from '../sessions/refusal-recorder.js';

const REASONS: Record<IpRefusal, string> = {
  blocked: 'An IP rule of your organisation blocks the address that you call from.',
  not_on_allow_list: 'The IP rules of your organisation do not allow the address that you call from.',
};

/** Refuses callers whose org does not let them call from where they are. The refusal is in the trail before it is told. */
export function checkIpRulesStep(refusals: Pick<RefusalRecorder, 'record'>) {
  return (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const { operation, session, clientIp } = request;
    const refusal = session?.ipRules?.refusal(session.type, clientIp);
    if (!operation || !session || !refusal) return done();
    const reason = REASONS[refusal];
    refusals.record(request, operation, session, reason).then(() => done(permissionDenied(reason)), done);
  };
}
