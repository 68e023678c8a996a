import { type IncomingMessage, STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '@oneclaw/telemetry';
import type { BaseHeaders } from './base-headers.js';
import { HttpRefusal } from './http-refusal.js';
import { PROBLEM_TYPE, encodeProblem } from './problem.js';
import { newRequestId } from './request-id.js';

/** An error of node's parser, or of its timers. */
export interface SocketError extends Error {
  code?: string;
  /** What was being parsed, and how far. */
  rawPacket?: Buffer;
  bytesParsed?: number;
}

const STATUS: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_PAUSED_H2_UPGRADE: 505,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
/** Method, target, version (RFC 9112, section 3). */
const REQUEST_LINE = /^[!#$%&'*+.^_`|~\w-]+ \S+ HTTP\/(\d\.\d)\r?$/;

/** Answers what never becomes a request, as problem documents too, and closes the connection. */
export class SocketErrors {
  private readonly failed = new WeakSet<Duplex>();

  constructor(
    private readonly headers: BaseHeaders,
    private readonly logger: Logger,
  ) {}

  /** To be told of what node's server would otherwise answer by itself, or not at all. */
  listen(server: Pick<Server, 'on'>): void {
    server.on('connect', (_request: IncomingMessage, socket: Duplex) => this.answer(socket, new HttpRefusal(501)));
  }

  /** A message that could not be parsed, or did not arrive in time. Whatever follows it on the connection is not looked at. */
  handle(error: SocketError, socket: Socket): void {
    if (this.failed.has(socket)) return;
    this.failed.add(socket);
    if (error.code === 'ECONNRESET') socket.destroy();
    else this.afterEarlierAnswers(socket, new HttpRefusal(statusOf(error)));
  }

  /** Requests that came whole before it on the same connection get their answers first, or it would be taken for one of them. */
  private afterEarlierAnswers(socket: Socket, refusal: HttpRefusal): void {
    const { _httpMessage: response } = socket as { _httpMessage?: ServerResponse };
    if (response?.req.complete) response.once('close', () => this.afterEarlierAnswers(socket, refusal));
    else if (!socket.writable || response?.headersSent) socket.destroy();
    else this.answer(socket, refusal);
  }

  private answer(socket: Duplex, refusal: HttpRefusal): void {
    const requestId = newRequestId();
    const { remoteAddress: clientIp } = socket as Partial<Socket>;
    this.logger.info({ requestId, status: refusal.status, clientIp }, 'no request');
    socket.end(rawAnswer(refusal, requestId, this.headers));
  }
}

/** Of a request line the parser's code alone does not tell an unknown method from nonsense, nor another version from a bad line end. */
function statusOf(error: SocketError): number {
  const { code = '' } = error;
  if (code !== 'HPE_INVALID_METHOD' && code !== 'HPE_INVALID_VERSION') return STATUS[code] ?? 400;
  const version = REQUEST_LINE.exec(lineAtFault(error))?.[1];
  if (version === undefined) return 400;
  if (version !== '1.1' && version !== '1.0') return 505;
  return code === 'HPE_INVALID_METHOD' ? 501 : 400;
}

function lineAtFault({ rawPacket = Buffer.of(), bytesParsed = 0 }: SocketError): string {
  const text = rawPacket.toString('latin1');
  const end = text.indexOf('\n', bytesParsed);
  return text.slice(text.lastIndexOf('\n', bytesParsed - 1) + 1, end === -1 ? undefined : end);
}

function rawAnswer(refusal: HttpRefusal, requestId: string, headers: BaseHeaders): string {
  const body = JSON.stringify(encodeProblem(refusal, requestId).problem);
  const all = {
    ...headers,
    'content-type': `${PROBLEM_TYPE}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-request-id': requestId,
    connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`, ...lines, '', body].join('\r\n');
}
