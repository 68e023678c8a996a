import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpRefusal } from './http-refusal.js';
import { countNames } from './json-names.js';
import { checkValue } from './json-value.js';

/** What anybody may have us parse: no public operation needs more. */
const MAX_PUBLIC_BYTES = 64 * 1024;
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i;

/**
 * Bodies are JSON in UTF-8 (RFC 8259) in which every reader finds the same; what parsers differ about is 400. Every other type is 415.
 * An empty body is none, because clients send the header always.
 */
export function registerBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      done(null, parseJson(request, body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

function parseJson({ headers, operation }: FastifyRequest, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (operation?.access === 'public' && body.length > MAX_PUBLIC_BYTES) throw new HttpRefusal(413);
  if (!isPlain(headers)) throw new HttpRefusal(415);
  if (!isUtf8(body)) throw new HttpRefusal(400, 'The body is not valid UTF-8.');
  const text = body.toString('utf8');
  const parsed = parseText(text);
  if (checkValue(parsed) !== countNames(text)) throw new HttpRefusal(400, 'The body has an object with a name twice.');
  return parsed;
}

/** Nothing is decompressed, so that no body is larger than its limit. */
function isPlain(headers: FastifyRequest['headers']): boolean {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers;
  const charset = CHARSET.exec(type)?.[1] ?? 'utf-8';
  return encoding.toLowerCase() === 'identity' && /^utf-?8$/i.test(charset);
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, 'The body is not valid JSON.');
  }
}

/** Whether no body can follow the headers (RFC 9112, section 6.3). */
export function hasNoBody({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return false;
  return headers['content-length'] === undefined || headers['content-length'] === '0';
}
