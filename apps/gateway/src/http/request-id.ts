import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** 1 to 128 visible ASCII characters. */
const WELL_FORMED = /^[\x21-\x7e]{1,128}$/;

/** The client's X-Request-Id, or a new one where it has none that is safe to log and to send on. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && WELL_FORMED.test(given) ? given : newRequestId();
}

export function newRequestId(): string {
  return randomUUID();
}
