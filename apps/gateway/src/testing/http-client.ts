import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import type { Problem } from '../http/problem.js';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface Send {
  token?: string;
  body?: unknown;
  /** Sent as it is, in place of `body`. */
  raw?: string | Buffer;
  headers?: Record<string, string>;
}

/** One request; the path goes out as it is written, dots and escapes included. */
export async function send(port: number, line: string, { token, body, raw, headers = {} }: Send = {}): Promise<Reply> {
  const [method, path] = line.split(/ (.*)/s) as [string, string];
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const all = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(payload === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers: all, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

const DRIP_MS = 200;

/**
 * What the server answers to these bytes until it closes the connection.
 * @param drip what to send on and on, a bit at a time, until then
 */
export async function sendBytes(port: number, bytes: string | Buffer, drip?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const dripping = drip === undefined ? undefined : setInterval(() => socket.write(drip), DRIP_MS);
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => (answer += chunk));
    socket.on('close', () => {
      clearInterval(dripping);
      resolve(answer);
    });
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
  });
}

export function problemOf(reply: Reply): Problem {
  return JSON.parse(reply.text) as Problem;
}
