import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemOf, send } from '../testing/http-client.js';
import type { TestCaller } from '../testing/stub-auth.js';
import { StubWorld } from '../testing/stub-world.js';

let world: StubWorld;
let port: number;
let person: TestCaller;
let agent: TestCaller;

beforeAll(async () => {
  world = await StubWorld.start();
  ({ httpPort: port } = await world.gateway());
  person = await world.auth.newCaller();
  agent = await world.auth.newCaller({ type: 'agent' });
});

afterAll(() => world?.close());

describe('what is not served yet', () => {
  const own = () => `/v1/agents/${agent.caller.id}/transactions`;
  const id = '0191e3c4-1111-7000-8000-000000000001';
  const cases: [string, () => string, { nobody: number; person: number; agent: number }][] = [
    ['a checkout', () => 'POST /v1/billing/subscribe', { nobody: 401, person: 501, agent: 403 }],
    ['the portal', () => 'POST /v1/billing/portal', { nobody: 401, person: 501, agent: 403 }],
    ['a top-up', () => 'POST /v1/billing/credits/topup', { nobody: 401, person: 501, agent: 403 }],
    ['the credit ledger', () => 'GET /v1/billing/credits/transactions', { nobody: 401, person: 501, agent: 403 }],
    ['webhooks', () => 'POST /v1/billing/webhooks', { nobody: 501, person: 501, agent: 501 }],
    ['a transaction', () => `POST ${own()}`, { nobody: 401, person: 403, agent: 501 }],
    ['transactions', () => `GET ${own()}`, { nobody: 401, person: 501, agent: 501 }],
    ['one of them', () => `GET ${own()}/${id}`, { nobody: 401, person: 501, agent: 501 }],
    ['a simulation', () => `POST ${own()}/simulate`, { nobody: 401, person: 403, agent: 501 }],
    ['several', () => `POST ${own()}/simulate-bundle`, { nobody: 401, person: 403, agent: 501 }],
    ['those of others', () => `GET /v1/agents/${id}/transactions`, { nobody: 401, person: 501, agent: 403 }],
  ];

  it.each(cases)('passes the pipeline and says so: %s', async (_, line, expected) => {
    for (const [who, token] of Object.entries({ nobody: undefined, person: person.token, agent: agent.token })) {
      const reply = await send(port, line(), { ...(token ? { token } : {}), body: {} });
      const status = expected[who as keyof typeof expected];
      expect([who, reply.status]).toEqual([who, status]);
      expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      expect(problemOf(reply)).toMatchObject({ status, instance: reply.headers['x-request-id'] });
    }
  });
});
