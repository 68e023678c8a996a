import { unavailable } from '@oneclaw/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SessionsService } from '../sessions/sessions.service.js';
import type { RightOfWay } from './right-of-way.js';

/** Requests with tokens that were good the last time go on at once, everybody else's when it is their turn. Refuses nobody, but for want of room. */
export function giveWayStep(sessions: Pick<SessionsService, 'known' | 'isFamiliar'>, rightOfWay: RightOfWay) {
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const { operation } = request;
    const forCallers = operation !== undefined && operation.access !== 'public';
    if (forCallers) request.session = sessions.known(request);
    if (request.session || (forCallers && sessions.isFamiliar(request))) {
      rightOfWay.pass();
      request.wentFirst = true;
      return done();
    }
    // Whoever has gone away meanwhile needs no answer.
    const proceed = () => request.raw.socket.destroyed || done();
    if (rightOfWay.wait(proceed)) return;
    reply.header('connection', 'close');
    done(unavailable('Too many requests are waiting. Try again in a moment.'));
  };
}
