import { describe, expect, it } from '@jest/globals';
import type { Problem } from './answer.js';
import { exchangeRaw, sendRaw } from './raw-http.js';
import { gateway, newOwner, newOwnerWithVault, secretUrl } from './world.js';

const NIL = '00000000-0000-7000-8000-000000000000';

describe('routes', () => {
  it.each(['/', '/v1', '/v1/', '/v2/vaults', '/v1/nothing', '/v1/vaults/x/y/z', '/V1/vaults', '/favicon.ico'])(
    'that do not exist are 404, with or without a token: %s',
    async (path) => {
      (await gateway().get(path)).refused(404);
      (await gateway().as('nonsense').get(path)).refused(404);
    },
  );

  it.each([
    ['PATCH', '/v1/vaults'],
    ['PUT', '/v1/vaults'],
    ['POST', `/v1/vaults/${NIL}`],
    ['PATCH', `/v1/vaults/${NIL}/secrets/a`],
    ['POST', `/v1/vaults/${NIL}/secrets/a/b`],
    ['GET', '/v1/auth/signup'],
    ['PUT', '/v1/auth/token'],
    ['GET', `/v1/agents/${NIL}/rotate-key`],
    ['POST', '/v1/audit/events'],
    ['DELETE', '/v1/health'],
    ['POST', '/openapi.json'],
  ])('know which methods they have, before asking who calls: %s %s', async (method, path) => {
    const answer = await gateway().send(method, path);
    answer.refused(405);
    expect(answer.header('allow')).not.toContain(method);
  });

  it('do not answer methods that are none of theirs', async () => {
    for (const method of ['TRACE', 'PROPFIND']) expect([404, 405, 501]).toContain((await raw(method)).status);
  });
});

const raw = (method: string) => exchangeRaw(gateway().baseUrl, [`${method} /v1/vaults HTTP/1.1`]);

describe('request ids', () => {
  it.each(['a', 'x'.repeat(128), '0191e3c4-1111-7000-8000-000000000000', '!~"#$%&/()=?'])(
    'are kept: %s',
    async (id) => {
      expect((await gateway().get('/v1/health', { 'x-request-id': id })).header('x-request-id')).toBe(id);
      const refused = await gateway().get('/v1/vaults', { 'x-request-id': id });
      expect(refused.refused(401).instance).toBe(id);
    },
  );

  it.each([
    ['129 characters', 'x'.repeat(129)],
    ['a space', 'a b'],
    ['a tab', 'a\tb'],
    ['an accent', 'caf\u00e9'],
    ['nothing', ''],
  ])('are made anew where the given one is malformed: %s', async (_, id) => {
    const echoed = (await gateway().get('/v1/health', { 'x-request-id': id })).header('x-request-id');
    expect(echoed).not.toBe(id);
    expect(echoed).toMatch(/^[\x21-\x7e]{1,128}$/);
  });

  it('differ from request to request', async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await gateway().get('/v1/health')).header('x-request-id')),
    );
    expect(new Set(ids).size).toBe(3);
  });
});

describe('problems', () => {
  it('have a type, a title, a status, a detail and the request id', async () => {
    const problem = (await gateway().get('/v1/vaults')).refused(401);
    expect(problem).toMatchObject({ type: 'about:blank', title: 'Unauthorized', status: 401 });
    expect(Object.keys(problem).sort()).toEqual(['detail', 'instance', 'status', 'title', 'type']);
  });

  it('name every field at fault at once', async () => {
    const { api } = await newOwner();
    const body = { name: 7, description: 7, scopes: 7, token_ttl_seconds: 'x' };
    const { fields } = (await api.post('/v1/agents', body)).refused(400) as Problem;
    expect(Object.keys(fields ?? {}).sort()).toEqual(['description', 'name', 'scopes', 'token_ttl_seconds']);
  });

  it('never repeat a secret value', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const canary = 'canary-value-9f3b';
    const answers = [
      await owner.api.put(secretUrl(vault, 'a'), { value: canary, type: canary }),
      await owner.api.put(secretUrl(vault, 'a..b'), { value: canary }),
      await owner.api.put(secretUrl(vault, 'a'), Buffer.from(`{"value":"${canary}`)),
      await owner.api.post('/v1/auth/signup', { email: 'nonsense', password: canary }),
    ];
    // The bad type is the caller's own word for a type; the value itself must not come back from anywhere else.
    for (const answer of answers.slice(1)) expect(answer.refused(400) && answer.text).not.toContain(canary);
  });
});

describe('headers of answers', () => {
  it('forbid storing what is secret', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    expect((await owner.api.get(secretUrl(vault, 'a'))).header('cache-control')).toBe('no-store');
    expect((await owner.api.get(`${secretUrl(vault, 'a')}?version=1`)).header('cache-control')).toBe('no-store');
  });

  it('let no other origin in', async () => {
    const origin = { origin: 'https://evil.example.com' };
    const answers = [await gateway().get('/v1/health', origin), await gateway().get('/v1/vaults', origin)];
    for (const answer of answers) expect(answer.header('access-control-allow-origin')).toBeUndefined();
  });

  it('confine what pages may load', async () => {
    const page = await gateway().get('/docs');
    expect(page.status).toBe(200);
    expect(page.header('content-type')).toMatch(/^text\/html/);
    expect(page.header('content-security-policy')).toMatch(/default-src 'none'|default-src 'self'/);
    expect(page.header('content-security-policy')).not.toMatch(/unsafe-eval|script-src[^;]*'unsafe-inline'/);
  });
});

describe('broken HTTP', () => {
  it.each([
    ['no request line', 'nonsense\r\n\r\n'],
    ['no host', 'GET /v1/health HTTP/1.1\r\n\r\n'],
    [
      'two lengths that differ',
      'POST /v1/vaults HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc',
    ],
    [
      'a length and chunks',
      'POST /v1/vaults HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a NUL in a header', 'GET /v1/health HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n'],
    ['a bad escape in the path', 'GET /v1/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
  ])('gets a 4xx and leaves the gateway serving: %s', async (_, request) => {
    const { baseUrl } = gateway();
    expect(await sendRaw(baseUrl, request)).toMatch(/^HTTP\/1\.1 4\d\d/);
    (await gateway().get('/v1/health')).as(200);
  });

  it('with 64 KiB of headers is refused', async () => {
    const request = `GET /v1/health HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(65_536)}\r\n\r\n`;
    expect(await sendRaw(gateway().baseUrl, request)).toMatch(/^HTTP\/1\.1 4\d\d/);
  });
});
