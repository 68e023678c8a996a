import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { HttpRefusal } from './http-refusal.js';
import { PROBLEM_TYPE, encodeProblem } from './problem.js';
import { newRequestId } from './request-id.js';

const STATUS: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers what could not even be parsed as HTTP, or did not arrive in time, and closes the connection. */
export function answerSocketError(error: Error & { code?: string }, socket: Socket): void {
  const begun = (socket as { _httpMessage?: { headersSent: boolean } })._httpMessage?.headersSent === true;
  if (error.code === 'ECONNRESET' || !socket.writable || begun) {
    socket.destroy();
    return;
  }
  socket.end(rawAnswer(new HttpRefusal(STATUS[error.code ?? ''] ?? 400)));
}

function rawAnswer(refusal: HttpRefusal): string {
  const requestId = newRequestId();
  const body = JSON.stringify(encodeProblem(refusal, requestId).problem);
  return [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    `x-request-id: ${requestId}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
