import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SessionsService } from '../sessions/sessions.service.js';

/** Puts the session on the request, if it is not known yet, or refuses with 401. Public operations do not look at the header at all. */
export function authenticateStep(sessions: SessionsService) {
  return (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    if (request.session || request.operation?.access === 'public') return done();
    sessions.authenticate(request).then((session) => {
      request.session = session;
      done();
    }, done);
  };
}
