import { describe, expect, it } from '@jest/globals';
import { exchangeRaw } from './raw-http.js';
import type { Vault } from './types.js';
import { gateway, newOwner, newOwnerWithVault, newVault, registerAgent, secretUrl } from './world.js';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('requests without a body', () => {
  it('may say Content-Type: application/json, as real clients do', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await registerAgent(owner);
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    (await owner.api.get('/v1/vaults', JSON_TYPE)).as(200);
    (await owner.api.get(secretUrl(vault, 'a'), JSON_TYPE)).as(200);
    (await owner.api.get('/v1/health', { ...JSON_TYPE, 'content-length': '0' })).as(200);
    (await owner.api.post(`/v1/agents/${agent.id}/rotate-key`, undefined, JSON_TYPE)).as(200);
    (await owner.api.post(`/v1/agents/${agent.id}/rotate-key`, undefined, { ...JSON_TYPE, 'content-length': '0' })).as(
      200,
    );
    (await owner.api.delete(secretUrl(vault, 'a'), JSON_TYPE)).empty();
    (await owner.api.delete(`/v1/vaults/${vault.id}`, { ...JSON_TYPE, 'content-length': '0' })).empty();
    (await owner.api.delete('/v1/auth/token', JSON_TYPE)).empty();
  });

  it('are 400 where a body is needed', async () => {
    const { api } = await newOwner();
    (await api.post('/v1/vaults')).refused(400);
    (await api.post('/v1/vaults', undefined, JSON_TYPE)).refused(400);
    (await api.post('/v1/auth/token', undefined, JSON_TYPE)).refused(400);
  });

  it('may bring an empty object where none is needed', async () => {
    const owner = await newOwner();
    const agent = await registerAgent(owner);
    (await owner.api.post(`/v1/agents/${agent.id}/rotate-key`, {})).as(200);
  });
});

describe('bodies', () => {
  it.each([
    ['cut off', '{"name":"x"'],
    ['with a trailing comma', '{"name":"x",}'],
    ['in single quotes', "{'name':'x'}"],
    ['a word', 'name'],
    ['white space', '   '],
    ['two documents', '{"name":"x"}{"name":"y"}'],
    ['with a comment', '{"name":"x"/**/}'],
    ['with a bare NUL', '{"name":"x\0"}'],
    ['NaN', '{"name":NaN}'],
  ])('that are no JSON are 400: %s', async (_, body) => {
    const { api } = await newOwner();
    (await api.post('/v1/vaults', Buffer.from(body))).refused(400);
  });

  it.each(['[]', '"x"', '7', 'null', 'true', '[{"name":"x"}]'])(
    'that are JSON but no object are 400: %s',
    async (body) => {
      const { api } = await newOwner();
      (await api.post('/v1/vaults', Buffer.from(body))).refused(400);
    },
  );

  it('with __proto__ or constructor change nothing', async () => {
    const { api } = await newOwner();
    const answers = [
      await api.post('/v1/vaults', Buffer.from('{"name":"x","__proto__":{"created_by_type":"system"}}')),
      await api.post('/v1/vaults', Buffer.from('{"name":"x","constructor":{"prototype":{"polluted":1}}}')),
    ];
    for (const answer of answers) expect([201, 400]).toContain(answer.status);
    (await api.post('/v1/vaults', Buffer.from('{"__proto__":{"name":"inherited"}}'))).refused(400);
    expect(await newVault({ ...(await newOwner()) })).not.toHaveProperty('polluted');
  });

  it('nested 100,000 deep do no harm', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const deep = `{"value":"v","metadata":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`;
    (await owner.api.put(secretUrl(vault, 'a'), Buffer.from(deep))).refused(400);
    (await owner.api.get('/v1/vaults')).as(200);
  });

  it('over 1 MiB are 413, with and without a length told', async () => {
    const { api } = await newOwner();
    const big = Buffer.from(JSON.stringify({ name: 'x', description: 'y'.repeat(1024 * 1024) }));
    (await api.post('/v1/vaults', big)).refused(413);
    const chunk = `${big.length.toString(16)}\r\n`;
    const chunked = await exchangeRaw(
      api.baseUrl,
      [
        'POST /v1/vaults HTTP/1.1',
        `Authorization: Bearer ${api.token}`,
        'Content-Type: application/json',
        'Transfer-Encoding: chunked',
      ],
      Buffer.concat([Buffer.from(chunk), big, Buffer.from('\r\n0\r\n\r\n')]),
    );
    chunked.refused(413);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'nonsense',
  ])('of another media type are 415: %s', async (type) => {
    const { api } = await newOwner();
    (await api.post('/v1/vaults', Buffer.from('{"name":"x"}'), { 'content-type': type })).refused(415);
  });

  it.each(['application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON'])(
    'of type %s are read',
    async (type) => {
      const { api } = await newOwner();
      (await api.post('/v1/vaults', Buffer.from('{"name":"x"}'), { 'content-type': type })).as<Vault>(201);
    },
  );

  it('without a media type are 415', async () => {
    const { api } = await newOwner();
    const body = '{"name":"x"}';
    const answer = await exchangeRaw(
      api.baseUrl,
      ['POST /v1/vaults HTTP/1.1', `Authorization: Bearer ${api.token}`, `Content-Length: ${body.length}`],
      body,
    );
    answer.refused(415);
  });

  it('may hold fields that nobody knows', async () => {
    const vault = await newVault(await newOwner(), { surprise: { deep: [1, 2] }, $schema: 'x', '': 1 });
    expect(Object.keys(vault)).not.toContain('surprise');
  });

  it('are judged after the caller: without a token it is 401 whatever they hold', async () => {
    (await gateway().post('/v1/vaults', Buffer.from('{nonsense'))).refused(401);
    (await gateway().post('/v1/vaults', Buffer.from('x'), { 'content-type': 'text/plain' })).refused(401);
  });
});
