import type { Logger } from '@oneclaw/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Deadlines } from './deadlines.js';
import type { RecordUsage } from './record-usage.js';
import type { RequestDuration } from './request-metrics.js';
import type { RightOfWay } from './right-of-way.js';

export interface EndOptions {
  deadlines: Deadlines;
  logger: Logger;
  duration: RequestDuration;
  rightOfWay: RightOfWay;
  recordUsage: RecordUsage;
}

/** The client went away before it had an answer. Not a registered status; the access log's word for it since nginx. */
const CLIENT_CLOSED_REQUEST = 499;

/** However a request ends, it ends once: duration, a line in the access log, and its usage, where no answer has told of it. */
export function endStep({ deadlines, logger, duration, rightOfWay, recordUsage }: EndOptions) {
  // Its lines hold nothing but what accessLine puts there, so they need no redaction.
  const access = logger.child({}, { redact: [] });
  const end = (request: FastifyRequest, status: number): void => {
    const { wentFirst } = request;
    request.wentFirst = false;
    if (wentFirst) rightOfWay.leave();
    if (!deadlines.finish(request)) return;
    if (!wentFirst && turnedOutWell(request, status)) rightOfWay.giveBack();
    const { operation } = request;
    const milliseconds = deadlines.elapsed(request);
    duration.observe({ operation: operation?.id ?? 'none', status }, milliseconds / 1000);
    access.info(accessLine(request, status, milliseconds), 'request');
    recordUsage(request, status);
  };
  return {
    answered: (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
      end(request, reply.statusCode);
      done();
    },
    aborted: (request: FastifyRequest, done: () => void): void => {
      end(request, CLIENT_CLOSED_REQUEST);
      done();
    },
  };
}

/** A caller who was new to us, or who logged in. What anybody may get, as often as they like, says nothing of who asks. */
function turnedOutWell({ session, operation, method }: FastifyRequest, status: number): boolean {
  return status < 400 && (session !== undefined || (operation !== undefined && method !== 'GET'));
}

/** The route, never the concrete path: paths name secrets. */
function accessLine(
  { id, method, operation, clientIp, session }: FastifyRequest,
  status: number,
  milliseconds: number,
) {
  return {
    requestId: id,
    method,
    route: operation?.path,
    status,
    ms: Math.round(milliseconds * 10) / 10,
    clientIp,
    caller: session && `${session.type}:${session.id}`,
    org: session?.orgId,
  };
}
