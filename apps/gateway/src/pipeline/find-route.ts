import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routePath } from '../api/operation.decorator.js';
import type { OperationSpec } from '../api/operation.js';
import { HttpRefusal } from '../http/http-refusal.js';
import { routerRefusal } from '../http/router-refusals.js';

/** Refuses what no operation serves: 404, or 405 with what the path knows. */
export function findRoute(request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void {
  done(request.operation && !hasEmptySegment(request) ? undefined : refusalOf(request));
}

function refusalOf(request: FastifyRequest): Error {
  const undecodable = routerRefusal(request);
  if (undecodable) return undecodable;
  const { allow } = request.routeOptions.config;
  if (allow !== undefined && !hasEmptySegment(request)) return new HttpRefusal(405, undefined, { allow });
  return new HttpRefusal(request.server.supportedMethods.includes(request.method) ? 404 : 501);
}

/** The router takes nothing for a parameter too: `/v1/vaults/` is no vault. Only the wildcard leaves that to validation. */
function hasEmptySegment({ params }: FastifyRequest): boolean {
  const segments = params as Record<string, string>;
  for (const name in segments) if (segments[name] === '' && name !== '*') return true;
  return false;
}

/** A route for every method that a known path has no operation for, so that the router itself tells 405 from 404. */
export function registerWrongMethods(app: FastifyInstance, operations: readonly OperationSpec[]): void {
  const known = new Map<string, string[]>();
  for (const { path, method } of operations) {
    known.set(routePath(path), [...(known.get(routePath(path)) ?? []), method]);
  }
  for (const [url, methods] of known) {
    const method = app.supportedMethods.filter((name) => !methods.includes(name));
    const allow = [...methods].sort().join(', ');
    // The pipeline refuses before a handler would run.
    app.route({ method, url, config: { allow }, handler: () => Promise.reject(new HttpRefusal(405)) });
  }
}
