import type { Server } from 'node:http';
import { type FastifyInstance, fastify } from 'fastify';
import { registerBodyParsers } from './json-body.js';
import {
  KEEP_ALIVE_TIMEOUT_MS,
  MAX_HEADER_BYTES,
  REQUEST_TIMEOUT_MS,
  SERVER_LIMITS,
  SOCKET_TIMEOUT_MS,
} from './limits.js';
import { requestIdOf } from './request-id.js';
import { decorateRequests } from './request-facts.js';
import { routeToRefusal } from './router-refusals.js';
import type { SocketError, SocketErrors } from './socket-errors.js';

export interface HttpOptions {
  bodyLimitBytes: number;
  errors: SocketErrors;
}

/** The HTTP server with its limits; everything that it refuses by itself leaves as a problem document too. */
export function createFastify({ bodyLimitBytes, errors }: HttpOptions): FastifyInstance {
  const app: FastifyInstance = fastify({
    bodyLimit: bodyLimitBytes,
    connectionTimeout: SOCKET_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    genReqId: requestIdOf,
    // The router cuts no parameter short; validation says what is wrong with a long one.
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
    http: SERVER_LIMITS,
    clientErrorHandler: (error, socket) => errors.handle(error as Error as SocketError, socket),
    frameworkErrors: (error, request, reply) => routeToRefusal(app, error, request, reply),
  });
  decorateRequests(app);
  registerBodyParsers(app);
  leaveExpectations(app.server, app);
  errors.listen(app.server);
  return app;
}

/** Node would invite a body at once, and answer other expectations by itself; the pipeline decides who may send one. */
export function leaveExpectations(server: Pick<Server, 'on'>, app: FastifyInstance): void {
  server.on('checkContinue', app.routing);
  server.on('checkExpectation', app.routing);
}
