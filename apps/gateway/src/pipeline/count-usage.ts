import type { FastifyReply, FastifyRequest } from 'fastify';

/** From here on the request counts, however it ends; end.ts reports it. */
export function countUsage(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  request.counted = request.session !== undefined;
  done();
}
