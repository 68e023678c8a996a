import { activeTracing, type OpenSpan, type Tracing } from '@oneclaw/telemetry/tracing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PipelineSteps } from './pipeline.js';

/**
 * The steps with a span around all of them, named for the operation; the steps themselves where there are no traces. What a
 * client sends as traceparent is not looked at: strangers decide neither what is recorded nor under which id.
 */
export function traceSteps<S extends PipelineSteps>(steps: S): S {
  const tracing = activeTracing();
  return tracing ? { ...steps, ...tracedSteps(steps, tracing) } : steps;
}

type Next = (error?: Error) => void;
type Step = (request: FastifyRequest, reply: FastifyReply, done: Next) => void;

function tracedSteps(steps: PipelineSteps, tracing: Tracing): Partial<PipelineSteps> {
  const spans = new WeakMap<FastifyRequest, OpenSpan>();
  const within = (request: FastifyRequest, work: () => void): void => {
    const span = spans.get(request);
    if (span) span.run(work);
    else work();
  };
  /** A step that may be called back by another request: what follows is this one's again. */
  const resumed =
    (step: Step): Step =>
    (request, reply, done) =>
      step(request, reply, (error) => within(request, () => done(error)));
  const end = (request: FastifyRequest, status: number): void => {
    const outcome = { attributes: { 'http.response.status_code': status }, failed: status >= 500 };
    spans.get(request)?.end(outcome);
    spans.delete(request);
  };
  return {
    begin: (request: FastifyRequest, reply: FastifyReply, done: Next) => {
      const span = tracing.begin(specOf(request));
      if (span) spans.set(request, span);
      within(request, () => (steps.begin as Step)(request, reply, done));
    },
    giveWay: resumed(steps.giveWay as Step),
    resumeTrace: (request, _reply, done) => within(request, () => done()),
    // The line in the access log is written within the trace, so that it has its id.
    answered: (request: FastifyRequest, reply: FastifyReply, done: Next) => {
      within(request, () => (steps.answered as Step)(request, reply, done));
      end(request, reply.statusCode);
    },
    aborted: (request: FastifyRequest, done: Next) => {
      within(request, () => (steps.aborted as (request: FastifyRequest, done: Next) => void)(request, done));
      end(request, CLIENT_CLOSED_REQUEST);
    },
  };
}

/** As the access log has it. */
const CLIENT_CLOSED_REQUEST = 499;

/** The operation and its route, never the path: paths name secrets. */
function specOf({ method, routeOptions, server }: FastifyRequest) {
  const { operation } = routeOptions.config;
  const known = server.supportedMethods.includes(method) ? method : '_OTHER';
  return {
    name: operation?.id ?? 'none',
    kind: 'server',
    attributes: { 'http.request.method': known, ...(operation ? { 'http.route': operation.path } : {}) },
  } as const;
}
