import type { Logger } from '@oneclaw/telemetry';
import { type FastifyInstance, fastify } from 'fastify';
import { registerBodyParsers } from './json-body.js';
import { requestIdOf } from './request-id.js';
import { decorateRequests } from './request-facts.js';
import { sendProblem } from './send-problem.js';
import { answerSocketError } from './socket-errors.js';

export interface HttpOptions {
  bodyLimitBytes: number;
  logger: Logger;
}

/** Headers and bodies that dribble in are cut after these times. */
const HEADERS_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 9000;
const TIMEOUT_CHECK_MS = 1000;
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** A client that does not read its answer loses the connection after this. */
const SOCKET_TIMEOUT_MS = 120_000;
const MAX_HEADER_BYTES = 16 * 1024;

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
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Checked in the pipeline, where the answer can say what is missing.
      requireHostHeader: false,
    },
    clientErrorHandler: (error, socket) => answerSocketError(error, socket),
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply, logger),
  });
  decorateRequests(app);
  registerBodyParsers(app);
  return app;
}
