import { describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { OPERATIONS } from '../operations.js';
import { corsStep } from './cors.js';

const ORIGIN = 'https://app.example.com';

async function preflight() {
  const app = fastify();
  app.addHook('onRequest', corsStep([ORIGIN], OPERATIONS));
  app.options('/', () => ({}));
  const headers = { origin: ORIGIN, 'access-control-request-method': 'PUT' };
  const answer = await app.inject({ method: 'OPTIONS', url: '/', headers });
  await app.close();
  return answer.headers;
}

describe('pages of a listed origin', () => {
  it('may send and see every header that an operation reads or tells', async () => {
    const headers = await preflight();
    const sent = String(headers['access-control-allow-headers']).split(', ');
    const seen = String(headers['access-control-expose-headers']).split(', ');
    expect(sent).toEqual(expect.arrayContaining(['authorization', 'content-type', 'x-request-id']));
    expect(seen).toEqual(expect.arrayContaining(['retry-after', 'www-authenticate', 'x-request-id']));
    for (const { id, headers: reads, answer } of OPERATIONS) {
      for (const name of Object.keys(reads?.shape ?? {}))
        expect([id, sent]).toEqual([id, expect.arrayContaining([name])]);
      for (const name of Object.keys(answer.tells ?? {}))
        expect([id, seen]).toEqual([id, expect.arrayContaining([name.toLowerCase()])]);
    }
  });
});
