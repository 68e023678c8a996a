import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@oneclaw/telemetry';
import { PROBLEM_TYPE, encodeProblem, isFault } from './problem.js';

/** Answers with the error as a problem document; says in the log what was our fault. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  if (isFault(error))
    logger.error({ err: error, requestId: request.id, route: request.operation?.path }, 'a request failed');
  const { problem, headers } = encodeProblem(error, request.id);
  if (problem.status === 503) logger.warn({ requestId: request.id, cause: causeOf(error) }, problem.detail);
  void reply
    .code(problem.status)
    .headers(headers)
    .header('content-type', PROBLEM_TYPE)
    .header('cache-control', 'no-store')
    // Where the router refuses, the pipeline has not run.
    .header('x-request-id', request.id)
    .header('x-content-type-options', 'nosniff')
    .send(JSON.stringify(problem));
}

function causeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : undefined;
}
