import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FloodPlan, FloodResult } from './flood.js';

process.once('message', (plan) => {
  void run(plan as FloodPlan).then((result) => process.send?.(result, () => process.exit()));
});

const RECONNECT_MS = 100;
/** Until the load beside it has started too, a flood has the gateway to itself; that is not counted. */
const HEAD_START_MS = 1500;

async function run({ url, addresses, connections, seconds, token }: FloodPlan): Promise<FloodResult> {
  const { hostname: host, port } = new URL(url);
  const result: FloodResult = { answers: {}, seconds: seconds - HEAD_START_MS / 1000, lost: 0 };
  for (let index = 0; index < connections; index += 1) {
    const localAddress = addresses[index % addresses.length];
    flood({ host, port: Number(port), localAddress }, requestsFrom(token, index), result);
  }
  await pause(HEAD_START_MS);
  result.answers = {};
  await pause(result.seconds * 1000);
  return result;
}

interface From {
  host: string;
  port: number;
  localAddress: string | undefined;
}

/** One connection that sends its next request as soon as it has an answer. Bare sockets: the cheaper it is to flood, the more of it there is. */
function flood(from: From, next: () => string, result: FloodResult): void {
  let received = '';
  const socket = connect(from, () => socket.write(next()));
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
    const length = lengthOf(received);
    if (length === undefined || received.length < length) return;
    const status = received.slice(9, 12);
    result.answers[status] = (result.answers[status] ?? 0) + 1;
    received = received.slice(length);
    socket.write(next());
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    result.lost += 1;
    setTimeout(() => flood(from, next, result), RECONNECT_MS);
  });
}

/** Bytes of the answer with its body, once its headers are there. */
function lengthOf(received: string): number | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const length = /^content-length: (\d+)/im.exec(received.slice(0, end))?.[1];
  return end + 4 + Number(length ?? 0);
}

/** What the refusals of the pipeline are made for, by turns: no route, no token, no JWT, JWTs that only the signature gives away, keys, and what anybody may ask. */
function requestsFrom(token: string, start: number): () => string {
  const [head, claims] = token.split('.');
  const kinds = [
    () => get('/v1/nothing'),
    () => get('/v1/vaults'),
    () => get('/v1/vaults', 'nonsense'),
    () => get('/v1/vaults', `eyJhbGciOiJFZERTQSJ9.${random(200)}.${random(64)}`),
    () => get('/v1/vaults', `${head}.${claims}.${random(64)}`),
    () => get('/v1/vaults', `1ck_${random(32)}`),
    () => get('/v1/health'),
    () => get('/.well-known/jwks.json'),
  ];
  let turn = start;
  return () => kinds[turn++ % kinds.length]!();
}

function get(path: string, bearer?: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\n${bearer ? `Authorization: Bearer ${bearer}\r\n` : ''}\r\n`;
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
