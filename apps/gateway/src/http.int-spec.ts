import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Reply, type Send, problemOf, send, sendBytes } from './testing/http-client.js';
import { StubWorld } from './testing/stub-world.js';

const ID = '0191e3c4-1111-7000-8000-000000000001';
const SECRETS = `/v1/vaults/${ID}/secrets`;

let world: StubWorld;
let port: number;
let token: string;

beforeAll(async () => {
  world = await StubWorld.start();
  world.vaults.listVaults = async () => ({ vaults: [] });
  world.vaults.createVault = async ({ name }) => ({
    vault: { id: ID, name, createdByType: 'user', createdAt: new Date() },
  });
  world.reads.readSecrets = async ({ items }) => ({ results: items.map(() => ({ outcome: undefined })) });
  ({ httpPort: port } = await world.gateway({ CORS_ORIGINS: 'https://app.example.com' }));
  ({ token } = await world.auth.newCaller());
});

afterAll(() => world?.close());

/** A refusal with all that every refusal has. */
async function refused(line: string, status: number, options: Send = {}): Promise<Reply> {
  const reply = await send(port, line, options);
  expect([line, reply.status, reply.text]).toEqual([line, status, reply.text]);
  expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(reply.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  expect(problemOf(reply)).toMatchObject({ type: 'about:blank', status, instance: reply.headers['x-request-id'] });
  return reply;
}

describe('a path', () => {
  it.each(['/', '/v1', '/v1/nothing', '/V1/vaults', '/v1/vaults/', '/v1/vaults/x/y/z', '/docs/other.js'])(
    'that is none is 404: %s',
    async (path) => {
      await refused(`GET ${path}`, 404);
    },
  );

  it('that ends where an id should be is 404 for every method', async () => {
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE', 'OPTIONS']) await refused(`${method} /v1/vaults/`, 404);
  });

  it.each([
    ['PATCH /v1/vaults', 'GET, POST'],
    [`POST ${SECRETS}/a/b`, 'DELETE, GET, PUT'],
    ['DELETE /v1/agents/me', 'GET'],
    ['OPTIONS /v1/vaults', 'GET, POST'],
    ['TRACE /v1/vaults', 'GET, POST'],
  ])('says which methods it knows: %s', async (line, allow) => {
    const reply = await refused(line, 405);
    expect(reply.headers['allow']).toBe(allow);
  });

  it('does not know methods of WebDAV', async () => {
    await refused('PROPFIND /v1/vaults', 501);
  });

  it.each([
    'a/../b',
    'a%2F..%2Fb',
    'a%252fb',
    'a//b',
    '/a',
    'a/',
    '%2F',
    'a%00',
    'a%5Cb',
    'a.b',
    'caf%C3%A9',
    'a;b',
    'x'.repeat(513),
    '',
  ])('of a secret arrives as it was sent and is refused: "%s"', async (path) => {
    const reply = await refused(`GET ${SECRETS}/${path}`, 400, { token });
    expect(Object.keys(problemOf(reply).fields ?? {})).toEqual(['path']);
  });

  it.each(['a%FF', 'a%zz', 'a%2', 'a%C0%AF'])('with a broken escape is 400: "%s"', async (path) => {
    await refused(`GET ${SECRETS}/${path}`, 400, { token });
  });
});

describe('a body', () => {
  const create = (options: Send) => send(port, 'POST /v1/vaults', { token, ...options });

  it.each([
    '{',
    '{"name":"x",}',
    'name',
    '   ',
    '{"name":"x"}{}',
    '{"name":NaN}',
    '[]',
    '"x"',
    'null',
    '{"name":7}',
    '{}',
  ])('that will not do is 400: %s', async (raw) => {
    await refused('POST /v1/vaults', 400, { token, raw });
  });

  it('that is no UTF-8, or has half a surrogate, is 400 and not repaired', async () => {
    await refused('POST /v1/vaults', 400, {
      token,
      raw: Buffer.from([...Buffer.from('{"name":"'), 0xff, ...Buffer.from('"}')]),
    });
    await refused('POST /v1/vaults', 400, { token, raw: '{"name":"\\ud800"}' });
    await refused('POST /v1/vaults', 400, { token, raw: '{"name":"x","extra":{"\\udfff":1}}' });
  });

  it('nested without end is 400', async () => {
    await refused('POST /v1/vaults', 400, {
      token,
      raw: `{"name":"x","a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
    });
    await refused('POST /v1/vaults', 400, { token, raw: `{"name":"x","a":${'['.repeat(40)}${']'.repeat(40)}}` });
  });

  it('over the limit is 413, with and without a length told', async () => {
    const raw = JSON.stringify({ name: 'x', description: 'y'.repeat(1024 * 1024) });
    await refused('POST /v1/vaults', 413, { token, raw });
    const chunked = `POST /v1/vaults HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
    const answer = await sendBytes(port, `${chunked}${raw.length.toString(16)}\r\n${raw}\r\n0\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('over 64 KiB is 413 where anybody may send one', async () => {
    const body = { email: 'x', password: 'y'.repeat(65_536) };
    await refused('POST /v1/auth/token', 413, { body });
    await refused('POST /v1/vaults', 400, { token, body: { name: 7, body } });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'nonsense', 'application/jsonx'])(
    'of another type is 415: %s',
    async (type) => {
      await refused('POST /v1/vaults', 415, { token, raw: '{"name":"x"}', headers: { 'content-type': type } });
    },
  );

  it.each(['gzip', 'deflate', 'br', 'identity, gzip'])(
    'that is compressed is 415 and stays so: %s',
    async (encoding) => {
      const raw = gzipSync(JSON.stringify({ name: 'x', padding: ' '.repeat(100_000_000) }));
      await refused('POST /v1/vaults', 415, { token, raw, headers: { 'content-encoding': encoding } });
    },
  );

  it.each(['utf-16', 'iso-8859-1', '"UTF-32"'])('in another encoding of characters is 415: %s', async (charset) => {
    const headers = { 'content-type': `application/json; charset=${charset}` };
    await refused('POST /v1/vaults', 415, { token, raw: '{"name":"x"}', headers });
  });

  it('without a type is 415', async () => {
    const text = `POST /v1/vaults HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;
    expect(await sendBytes(port, text)).toMatch(/^HTTP\/1\.1 415 /);
  });

  it.each(['application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'Application/JSON'])(
    'may call itself %s',
    async (type) => {
      expect((await create({ raw: '{"name":"x"}', headers: { 'content-type': type } })).status).toBe(201);
    },
  );

  it('may be absent where none is needed, whatever the headers announce', async () => {
    for (const type of ['application/json', 'text/plain', 'nonsense']) {
      expect((await send(port, 'GET /v1/vaults', { token, headers: { 'content-type': type } })).status).toBe(200);
      const revoked = await send(port, 'DELETE /v1/auth/token', {
        token: (await world.auth.newCaller()).token,
        headers: { 'content-type': type },
      });
      expect(revoked.status).toBe(204);
      expect(revoked.text).toBe('');
    }
    await refused('POST /v1/vaults', 400, { token, headers: { 'content-type': 'application/json' } });
  });

  it.each([
    ['a name twice', '{"name":"x","name":"x"}', 'twice'],
    ['a name twice, deeper', '{"name":"x","a":[{"b":1,"\\u0062":2}]}', 'twice'],
    ['__proto__', '{"name":"x","a":{"__proto__":{"b":1}}}', '__proto__'],
    ['__proto__, escaped', '{"name":"x","\\u005f_proto__":1}', '__proto__'],
    ['the prototype of a constructor', '{"name":"x","constructor":{"prototype":{"a":1}}}', 'constructor'],
    ['a number beyond all bounds', '{"name":"x","a":1e999}', 'number'],
    ['a whole number that would lose digits', '{"name":"x","a":[9007199254740993]}', 'number'],
    ['a byte order mark', '\ufeff{"name":"x"}', 'JSON'],
  ])('that readers would differ about is 400: %s', async (_, raw, why) => {
    expect(problemOf(await refused('POST /v1/vaults', 400, { token, raw })).detail).toContain(why);
  });

  it('in UTF-16 is 400', async () => {
    await refused('POST /v1/vaults', 400, { token, raw: Buffer.from('{"name":"x"}', 'utf16le') });
  });

  it('may have names and numbers that only look so', async () => {
    const odd = {
      prototype: 1,
      constructor: 'x',
      proto__: 1,
      '"a":"a":': ':',
      a: -9007199254740991,
      b: 1.5e-300,
      c: 2 ** 53 - 1,
    };
    expect((await create({ body: { name: 'x', odd: { ...odd, constructor: { a: odd } } } })).status).toBe(201);
  });

  it('is judged after the caller', async () => {
    await refused('POST /v1/vaults', 401, { raw: '{' });
    await refused('POST /v1/vaults', 401, { raw: 'x', headers: { 'content-type': 'text/plain' } });
  });
});

describe('a query', () => {
  it.each(['limit=0', 'limit=1001', 'limit=x', 'limit=1&limit=2', 'limit=1e3', 'limit='])(
    'that will not do is 400: %s',
    async (query) => {
      const reply = await refused(`GET /v1/vaults?${query}`, 400, { token });
      expect(problemOf(reply).fields).toHaveProperty('limit');
    },
  );

  it('may have parameters that nobody knows', async () => {
    expect((await send(port, 'GET /v1/vaults?x=1&__proto__=2', { token })).status).toBe(200);
  });
});

describe('headers of answers', () => {
  it('keep a well-formed request id and replace any other', async () => {
    expect(
      (await send(port, 'GET /v1/health', { headers: { 'x-request-id': 'find-me' } })).headers['x-request-id'],
    ).toBe('find-me');
    expect(
      (await refused('GET /v1/nothing', 404, { headers: { 'x-request-id': 'a b' } })).headers['x-request-id'],
    ).not.toBe('a b');
  });

  it('demand a bearer token with 401', async () => {
    for (const authorization of [
      '',
      'Bearer',
      'Basic YWRhOng=',
      'Bearer a b',
      'Bearer 1ck_unknown',
      `Bearer ${'a'.repeat(9000)}`,
    ]) {
      const reply = await refused('GET /v1/vaults', 401, { headers: { authorization } });
      expect(reply.headers['www-authenticate']).toBe('Bearer');
    }
  });

  it('let listed origins in and no others', async () => {
    const from = (origin: string, headers = {}) => send(port, 'GET /v1/health', { headers: { origin, ...headers } });
    expect((await from('https://app.example.com')).headers['access-control-allow-origin']).toBe(
      'https://app.example.com',
    );
    const other = await from('https://evil.example.com');
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
    expect(other.headers['vary']).toBe('Origin');
  });

  it('answer the preflight of a listed origin, before anything else is asked', async () => {
    const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'PUT' };
    const reply = await send(port, `OPTIONS ${SECRETS}/a`, { headers });
    expect(reply.status).toBe(204);
    expect(reply.headers['access-control-allow-methods']).toContain('PUT');
    expect(reply.headers['access-control-allow-headers']).toContain('authorization');
    expect(
      (await send(port, `OPTIONS ${SECRETS}/a`, { headers: { ...headers, origin: 'https://evil.example.com' } }))
        .status,
    ).toBe(405);
  });

  it('turn HSTS on behind https only', async () => {
    expect((await send(port, 'GET /v1/health')).headers['strict-transport-security']).toBeUndefined();
    const { httpPort } = await world.gateway({ PUBLIC_URL: 'https://api.example.com' });
    expect((await send(httpPort, 'GET /v1/health')).headers['strict-transport-security']).toMatch(/^max-age=\d+/);
  });
});

describe('what goes wrong inside', () => {
  it('is told to nobody', async () => {
    world.vaults.getVault = () => Promise.reject(new Error('select * from vaults: connection refused'));
    const reply = await refused(`GET /v1/vaults/${ID}`, 500, { token });
    expect(reply.text).not.toMatch(/select|refused|grpc/i);
  });

  it('shows as 500 when a service answers nonsense', async () => {
    world.vaults.getVault = async () => ({});
    await refused(`GET /v1/vaults/${ID}`, 500, { token });
    await refused(`GET ${SECRETS}/a`, 500, { token });
  });
});

describe('the documentation', () => {
  it('comes from here alone, with a policy that lets nothing else run', async () => {
    const page = await send(port, 'GET /docs');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] as string);
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) expect([source, (await send(port, `GET ${source}`)).status]).toEqual([source, 200]);
    expect(page.text).not.toMatch(/<script>|<style|style=|onload=/);
  });

  it('has scripts that say they are scripts', async () => {
    expect((await send(port, 'GET /docs/swagger-ui-bundle.js')).headers['content-type']).toMatch(/^text\/javascript/);
    expect((await send(port, 'GET /docs/swagger-ui.css')).headers['content-type']).toMatch(/^text\/css/);
    expect((await send(port, 'GET /openapi.json')).headers['content-type']).toMatch(/^application\/json/);
  });
});
