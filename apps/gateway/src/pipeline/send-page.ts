import type { FastifyReply, FastifyRequest } from 'fastify';
import { pageAnswer } from '../pages/page.js';

/**
 * Browsers get the page of an operation that has one, and the request ends here: nothing is looked up, nobody is identified and nothing
 * counts, so that whatever opens links to show what is behind them uses nothing up.
 */
export function sendPage(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const page = request.operation?.page;
  if (page === undefined) return done();
  reply.header('vary', [reply.getHeader('vary'), 'Accept'].filter(Boolean).join(', '));
  if (!prefersHtml(request.headers.accept)) return done();
  void reply.headers(pageAnswer.headers).send(page);
}

/**
 * Whether a client asks for HTML by name, and for JSON no more than for that (RFC 9110, 12.5.1). Programs that take anything get the
 * API's answer.
 */
export function prefersHtml(accept = ''): boolean {
  const qualities = new Map(accept.split(',').map(qualityOf));
  const html = qualities.get('text/html') ?? 0;
  const json = qualities.get('application/json') ?? qualities.get('application/*') ?? qualities.get('*/*') ?? 0;
  return html > 0 && html >= json;
}

function qualityOf(range: string): [string, number] {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const given = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = given === undefined ? 1 : Number(given.slice(2));
  return [type, Number.isNaN(quality) ? 0 : quality];
}
