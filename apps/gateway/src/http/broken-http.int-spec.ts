import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Gateway } from '../app.js';
import { sendBytes } from '../testing/http-client.js';
import { StubWorld } from '../testing/stub-world.js';

const BODY = '{"name":"x"}';
const CHUNKED = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
const END = 'Connection: close\r\n\r\n';

let world: StubWorld;
let gateway: Gateway;
let token: string;
/** Names of the vaults that were made: of a refused request, none. */
const made: string[] = [];

beforeAll(async () => {
  world = await StubWorld.start();
  world.vaults.listVaults = async () => ({ vaults: [] });
  world.vaults.createVault = async ({ name }) => {
    made.push(name);
    return {
      vault: { id: '0191e3c4-1111-7000-8000-000000000001', name, createdByType: 'user', createdAt: new Date() },
    };
  };
  gateway = await world.gateway({ PUBLIC_URL: 'https://api.example.com' });
  ({ token } = await world.auth.newCaller());
});

afterAll(() => world?.close());

const get = (headers = '', line = 'GET /v1/vaults HTTP/1.1', host = 'Host: x\r\n') =>
  `${line}\r\n${host}Authorization: Bearer ${token}\r\n${headers}`;
const post = (headers: string, body: string, line = 'POST /v1/vaults HTTP/1.1') =>
  `${get(`Content-Type: application/json\r\n${headers}`, line)}\r\n${body}`;
const chunked = (body: string) => post('Transfer-Encoding: chunked\r\n', body);

interface Part {
  status: number;
  head: string;
  body: string;
}

/** All answers on one connection. */
async function answersTo(bytes: string | Buffer): Promise<Part[]> {
  const text = await sendBytes(gateway.httpPort, bytes);
  return text.split(/(?=HTTP\/1\.1 \d{3} )/).map((each) => {
    const [head = '', body = ''] = each.split('\r\n\r\n');
    return { status: Number(head.split(' ')[1]), head, body };
  });
}

function expectProblem({ head, body, status }: Part): void {
  expect(head).toMatch(/^content-type: application\/problem\+json; charset=utf-8$/im);
  expect(head).toMatch(/^connection: close$/im);
  expect(head).toMatch(/^x-content-type-options: nosniff$/im);
  expect(head).toMatch(/^content-security-policy: default-src 'none'/im);
  expect(head).toMatch(/^strict-transport-security: max-age/im);
  expect(head).toMatch(/^cache-control: no-store$/im);
  const requestId = /^x-request-id: (\S+)$/im.exec(head)?.[1];
  expect(JSON.parse(body)).toMatchObject({ type: 'about:blank', status, instance: requestId });
}

describe('what could smuggle a request', () => {
  const cases: [string, () => string, number][] = [
    ['two hosts', () => get(`Host: y\r\n${END}`), 400],
    ['no host', () => get(END, undefined, ''), 400],
    ['a host that is none', () => get(END, undefined, 'Host: a/b c\r\n'), 400],
    ['two authorizations', () => get(`Authorization: Bearer other\r\n${END}`), 400],
    ['two content types', () => post('content-type: text/plain\r\nContent-Length: 12\r\n', BODY), 400],
    ['a length and chunks', () => post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', CHUNKED), 400],
    ['two lengths that differ', () => post('Content-Length: 12\r\nContent-Length: 3\r\n', BODY), 400],
    ['two lengths that agree', () => post('Content-Length: 12\r\nContent-Length: 12\r\n', BODY), 400],
    ['a list of lengths', () => post('Content-Length: 12, 12\r\n', BODY), 400],
    ['a length with a sign', () => post('Content-Length: +12\r\n', BODY), 400],
    ['a length in hex', () => post('Content-Length: 0xc\r\n', BODY), 400],
    ['a length beyond all bounds', () => post('Content-Length: 99999999999999999999\r\n', BODY), 400],
    ['another coding before chunked', () => post('Transfer-Encoding: gzip, chunked\r\n', CHUNKED), 501],
    ['a coding that only looks like chunked', () => post('Transfer-Encoding: \x0bchunked\r\n', CHUNKED), 400],
    ['chunked, and something after it', () => post('Transfer-Encoding: chunked, identity\r\n', CHUNKED), 400],
    ['two codings', () => post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', CHUNKED), 400],
    ['chunks in HTTP/1.0', () => post('Transfer-Encoding: chunked\r\n', CHUNKED, 'POST /v1/vaults HTTP/1.0'), 400],
    ['a folded header', () => get(`X-A: a\r\n b\r\n${END}`), 400],
    ['a folded Transfer-Encoding', () => post('Transfer-Encoding:\r\n chunked\r\n', CHUNKED), 400],
    ['a header that begins with a space', () => get(` X-A: a\r\n${END}`), 400],
    ['a space before the colon', () => get(`X-A : a\r\n${END}`), 400],
    ['a bare LF after a header', () => get(`X-A: a\nX-B: b\r\n${END}`), 400],
    ['a bare CR in a header', () => get(`X-A: a\rX-B: b\r\n${END}`), 400],
    ['a NUL in a header', () => get(`X-A: a\0b\r\n${END}`), 400],
    ['a bare LF after the request line', () => 'GET /v1/vaults HTTP/1.1\nHost: x\n\n', 400],
    ['a bare LF after a chunk size', () => chunked(CHUNKED.replace('\r\n', '\n')), 400],
    ['a bare LF in a chunk extension', () => chunked(CHUNKED.replace('\r\n', ';a\nb\r\n')), 400],
    ['a chunk size in C', () => chunked(`0x${CHUNKED}`), 400],
    ['a chunk size with a space', () => chunked(CHUNKED.replace('\r\n', ' \r\n')), 400],
    ['a chunk size beyond all bounds', () => chunked(`${'f'.repeat(17)}${CHUNKED}`), 400],
    ['a chunk longer than it says', () => chunked(CHUNKED.replace('}', '}}')), 400],
    ['chunk extensions without end', () => chunked(CHUNKED.replace('\r\n', `;${'a'.repeat(20_000)}\r\n`)), 413],
    ['trailers without end', () => chunked(CHUNKED.replace(/\r\n$/, `X-A: ${'a'.repeat(40_000)}\r\n\r\n`)), 431],
    ['a fragment in the target', () => get(END, 'GET /v1/vaults#/../x HTTP/1.1'), 400],
  ];

  it.each(cases)('is refused, and the connection with it: %s', async (_, bytes, status) => {
    made.length = 0;
    const answers = await answersTo(`${bytes()}${get(END)}`);
    expect(answers.map((answer) => answer.status)).toEqual([status]);
    answers.forEach(expectProblem);
    expect(made).toEqual([]);
  });
});

describe('what is no HTTP/1.1 request', () => {
  it.each([
    ['nothing of HTTP', 'nonsense\r\n\r\n', 400],
    ['a TLS handshake', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), 400],
    ['a target without a slash', 'GET v1/vaults HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a target in raw UTF-8', Buffer.from('GET /v1/é HTTP/1.1\r\nHost: x\r\n\r\n'), 400],
    ['HTTP/0.9', 'GET /v1/health\r\n\r\n', 505],
    ['HTTP/1.2', 'GET /v1/health HTTP/1.2\r\nHost: x\r\n\r\n', 505],
    ['HTTP/2.0', 'GET /v1/health HTTP/2.0\r\nHost: x\r\n\r\n', 505],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
    ['a method that nobody knows', 'FETCH /v1/health HTTP/1.1\r\nHost: x\r\n\r\n', 501],
    ['a method in lower case', 'get /v1/health HTTP/1.1\r\nHost: x\r\n\r\n', 501],
    ['a tunnel', 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n', 501],
    ['64 KiB of headers', `GET /v1/health HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(65_536)}\r\n\r\n`, 431],
    ['a target of 64 KiB', `GET /v1/${'a'.repeat(65_536)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['too many headers', `GET /v1/health HTTP/1.1\r\nHost: x\r\n${'a:\r\n'.repeat(5000)}\r\n`, 431],
    ['an expectation that nobody knows', 'GET /v1/health HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n', 417],
  ])('is a problem document, and the end of the connection: %s', async (_, bytes, status) => {
    const answers = await answersTo(bytes);
    expect(answers.map((answer) => answer.status)).toEqual([status]);
    answers.forEach(expectProblem);
  });
});

describe('requests that share a connection', () => {
  it('are answered in their order, and nonsense after them by a refusal of its own', async () => {
    let answer: () => void = () => undefined;
    world.vaults.getVault = () => new Promise((_resolve, reject) => (answer = () => reject(new Error('late'))));
    const reached = new Promise<void>((resolve) => {
      world.vaults.listVaults = async () => (resolve(), { vaults: [] });
    });
    const slow = get('', 'GET /v1/vaults/0191e3c4-1111-7000-8000-000000000001 HTTP/1.1');
    const answers = answersTo(`${slow}\r\n${get()}\r\nnonsense\r\n\r\n${get(END)}`);
    await reached;
    answer();
    expect((await answers).map(({ status }) => status)).toEqual([500, 200, 400]);
    delete world.vaults.getVault;
  });

  it('may have bodies that nobody reads', async () => {
    const bodied = `${get(`Content-Length: ${BODY.length}\r\n`)}\r\n${BODY}`;
    const refused = `POST /v1/vaults HTTP/1.1\r\nHost: x\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
    const answers = await answersTo(`${bodied}${refused}${get(END)}`);
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200]);
  });

  it('may come in HTTP/1.0, without a host', async () => {
    const old = get('Connection: keep-alive\r\n\r\n', 'GET /v1/vaults HTTP/1.0', '');
    const answers = await answersTo(`${old}${get('\r\n', 'GET /v1/vaults HTTP/1.0', '')}`);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('may name their target in full, and end their chunks with extensions and trailers', async () => {
    const absolute = get('\r\n', 'GET http://elsewhere/v1/vaults HTTP/1.1');
    const extended = `${BODY.length.toString(16)};a=b\r\n${BODY}\r\n0\r\nAuthorization: Bearer other\r\n\r\n`;
    const answers = await answersTo(`${absolute}${chunked(extended)}${get(END)}`);
    expect(answers.map(({ status }) => status)).toEqual([200, 201, 200]);
  });
});

describe('a client that asks before it sends its body', () => {
  const asking = (headers: string) =>
    `POST /v1/vaults HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\nExpect: 100-continue\r\n${headers}\r\n`;

  it('is refused without it', async () => {
    const answers = await answersTo(asking(''));
    expect(answers.map(({ status }) => status)).toEqual([401]);
    answers.forEach(expectProblem);
  });

  it('is asked for it once nothing speaks against the request', async () => {
    const text = await new Promise<string>((resolve) => {
      let heard = '';
      const socket = connect(gateway.httpPort, '127.0.0.1', () =>
        socket.write(asking(`Authorization: Bearer ${token}\r\nConnection: close\r\n`)),
      );
      socket.once('data', () => socket.write(BODY));
      socket.on('data', (chunk) => (heard += String(chunk)));
      socket.on('close', () => resolve(heard));
    });
    expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
  });
});

describe('a path that cannot be decoded', () => {
  it.each(['/v1/%zz', '/v1/vaults/%FF', '/v1/vaults/%C0%AF', '/%'])(
    'is 400 with all that an answer has, and counted: %s',
    async (path) => {
      const counted = async () => {
        const text = await (await fetch(`http://127.0.0.1:${gateway.adminPort}/metrics`)).text();
        return Number(
          /^http_request_duration_seconds_count\{.*operation="none",status="400".*\} (\d+)$/m.exec(text)?.[1] ?? 0,
        );
      };
      const before = await counted();
      const [answer] = await answersTo(get(END, `GET ${path} HTTP/1.1`));
      expect(answer?.status).toBe(400);
      expectProblem(answer as Part);
      expect(await counted()).toBe(before + 1);
    },
  );
});
