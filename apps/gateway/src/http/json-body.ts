import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpRefusal } from './http-refusal.js';

const MAX_DEPTH = 32;

/**
 * Bodies are JSON; every other type is 415. An empty one is no body, because clients send the header always. Duplicate
 * names: the last one counts (RFC 8259 leaves it open, and nobody behind us parses the text again).
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

function parseJson(request: FastifyRequest, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw new HttpRefusal(415);
  if (!isUtf8(body)) throw new HttpRefusal(400, 'The body is not valid UTF-8.');
  const parsed = parseText(body.toString('utf8'));
  checkValue(parsed, 0);
  return parsed;
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, 'The body is not valid JSON.');
  }
}

/** No nesting that would exhaust a stack, no half surrogates that would change on their way through UTF-8. */
function checkValue(value: unknown, depth: number): void {
  if (typeof value === 'string') return checkString(value);
  if (typeof value !== 'object' || value === null) return;
  if (depth === MAX_DEPTH) throw new HttpRefusal(400, `The body is nested more than ${MAX_DEPTH} levels deep.`);
  for (const [name, child] of Object.entries(value)) {
    checkString(name);
    checkValue(child, depth + 1);
  }
}

function checkString(value: string): void {
  if (!value.isWellFormed()) throw new HttpRefusal(400, 'The body has a string with an unpaired surrogate.');
}

/** Whether no body can follow the headers (RFC 9112, section 6.3). */
export function hasNoBody({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return false;
  return headers['content-length'] === undefined || headers['content-length'] === '0';
}
