import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** No operation has this path. */
const NOWHERE = '/nowhere';
const refusals = new WeakMap<IncomingMessage, Error>();

/**
 * The router refuses some requests by itself, past the pipeline: paths that cannot be percent-decoded. They are routed once more, to
 * nowhere, so that they too have a line in the log, a place in the metrics and the headers of every answer; findRoute refuses them.
 */
export function routeToRefusal(app: FastifyInstance, error: Error, { raw }: FastifyRequest, reply: FastifyReply): void {
  refusals.set(raw, error);
  raw.url = NOWHERE;
  app.routing(raw, reply.raw);
}

/** What the router would have refused the request with. */
export function routerRefusal({ raw }: FastifyRequest): Error | undefined {
  return refusals.get(raw);
}
