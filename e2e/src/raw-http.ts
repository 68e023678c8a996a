import net from 'node:net';
import { Answer } from './answer.js';
import { checkConventions } from './conventions.js';

const TIMEOUT_MS = 10_000;

/** Sends bytes as they are and answers everything that came back until the server closed or went quiet. */
export async function sendRaw(baseUrl: string, request: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = net.connect(Number(port), hostname, () => socket.write(request));
    const finish = (): void => resolve(Buffer.concat(chunks).toString('latin1'));
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error) => (chunks.length > 0 ? finish() : reject(error)));
    socket.on('close', finish);
  });
}

/** One request on a connection of its own, held against the conventions like any other answer. */
export async function exchangeRaw(baseUrl: string, head: string[], body: string | Buffer = ''): Promise<Answer> {
  const lines = [...head, 'Host: localhost', 'Connection: close', '', ''].join('\r\n');
  const text = await sendRaw(baseUrl, Buffer.concat([Buffer.from(lines, 'latin1'), Buffer.from(body)]));
  const answer = parse(head[0] ?? '', text);
  checkConventions(answer);
  return answer;
}

function parse(request: string, text: string): Answer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [statusLine = '', ...fields] = head.split('\r\n');
  const headers = Object.fromEntries(
    fields.map((field) => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
    }),
  );
  const chunked = /chunked/i.test(headers['transfer-encoding'] ?? '');
  const body = rest.join('\r\n\r\n');
  return new Answer(
    request,
    Number(statusLine.split(' ')[1]),
    headers,
    Buffer.from(chunked ? unchunk(body) : body, 'latin1'),
  );
}

function unchunk(body: string): string {
  let [result, rest] = ['', body];
  for (;;) {
    const end = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.slice(0, end), 16);
    if (!(size > 0)) return result;
    result += rest.slice(end + 2, end + 2 + size);
    rest = rest.slice(end + 2 + size + 2);
  }
}
