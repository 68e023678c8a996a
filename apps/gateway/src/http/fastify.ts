import type { Logger } from '@oneclaw/telemetry';
import { type FastifyInstance, fastify } from 'fastify';
import {
  KEEP_ALIVE_TIMEOUT_MS,
  MAX_HEADER_BYTES,
  REQUEST_TIMEOUT_MS,
  SERVER_LIMITS,
  SOCKET_TIMEOUT_MS,
} from './limits.js';
import { registerBodyParsers } from './json-body.js';
import { requestIdOf } from './request-id.js';
import { decorateRequests } from './request-facts.js';
import { sendProblem } from './send-problem.js';
import { answerSocketError } from './socket-errors.js';

export interface HttpOptions {
  bodyLimitBytes: number;
  logger: Logger;
}

/** The HTTP server with its limits; everything that it refuses by itself leaves as a problem document too. */
export function createFastify({ bodyLimitBytes, logger }: HttpOptions): FastifyInstance {
  const app = fastify({
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
    clientErrorHandler: (error, socket) => answerSocketError(error, socket),
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply, logger),
  });
  decorateRequests(app);
  registerBodyParsers(app);
  return app;
}
