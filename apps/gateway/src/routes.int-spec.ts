import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent } from '@oneclaw/contracts/auth';
import type { SecretValue } from '@oneclaw/contracts/vault';
import { DomainError, gone } from '@oneclaw/errors';
import { toErrorDetail } from '@oneclaw/rpc';
import { type Send, problemOf, send } from './testing/http-client.js';
import type { TestCaller } from './testing/stub-auth.js';
import { StubWorld } from './testing/stub-world.js';

const ID = '0191e3c4-1111-7000-8000-000000000001';
const AT = new Date('2030-01-02T03:04:05Z');

let world: StubWorld;
let port: number;
let person: TestCaller;
let agent: TestCaller;

beforeAll(async () => {
  world = await StubWorld.start();
  ({ httpPort: port } = await world.gateway());
  [person, agent] = [await world.auth.newCaller(), await world.auth.newCaller({ type: 'agent' })];
});

afterAll(() => world?.close());

/** A success with its body. */
async function ok<T = Record<string, unknown>>(
  line: string,
  options: Send = { token: person.token },
  status = 200,
): Promise<T> {
  const reply = await send(port, line, options);
  expect([line, reply.status, reply.text]).toEqual([line, status, reply.text]);
  expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
  return JSON.parse(reply.text) as T;
}

const secret = (path: string, version: number): SecretValue => ({
  metadata: { id: ID, path, type: 'generic', version, metadataJson: '{}', createdAt: AT, expiresAt: undefined },
  value: Buffer.from(`value of ${path}`),
  createdBy: `user:${ID}`,
  cmekEncrypted: false,
});

describe('reading secrets', () => {
  it('in batches keeps callers, requests and answers apart', async () => {
    const batches: { caller: string; path: string; requestId: string }[][] = [];
    world.reads.readSecrets = async ({ items, callers }) => {
      batches.push(
        items.map(({ path, callerIndex }) => ({
          path,
          caller: callers[callerIndex]!.assertion,
          requestId: callers[callerIndex]!.requestId,
        })),
      );
      const results = items.map(({ path, version }) => ({
        outcome:
          path === 'gone'
            ? { $case: 'error' as const, value: toErrorDetail(gone('It is deleted.')) }
            : { $case: 'secret' as const, value: secret(path, version || 7) },
      }));
      return { results };
    };
    const read = (path: string, { token }: TestCaller, query = '') =>
      send(port, `GET /v1/vaults/${ID}/secrets/${path}${query}`, {
        token,
        headers: { 'x-request-id': `read-${path.replaceAll('/', '.')}` },
      });
    const replies = await Promise.all([
      ...Array.from({ length: 30 }, (_, index) => read(`app/key-${index}`, index % 2 ? person : agent)),
      read('gone', agent),
      read('old', agent, '?version=3'),
    ]);
    expect(replies.map((reply) => reply.status)).toEqual([...Array.from({ length: 30 }, () => 200), 410, 200]);
    replies.slice(0, 30).forEach((reply, index) =>
      expect(JSON.parse(reply.text)).toMatchObject({
        path: `app/key-${index}`,
        value: `value of app/key-${index}`,
        version: 7,
      }),
    );
    expect(JSON.parse(replies[31]!.text)).toMatchObject({ version: 3 });
    const items = batches.flat();
    expect(items).toHaveLength(32);
    for (const item of items) expect(item.requestId).toBe(`read-${item.path.replaceAll('/', '.')}`);
    expect(new Set(items.map((item) => item.caller)).size).toBeLessThanOrEqual(4);
  });

  it('may not be stored by anyone on the way', async () => {
    const reply = await send(port, `GET /v1/vaults/${ID}/secrets/a`, { token: agent.token });
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(JSON.parse(reply.text)).toEqual({
      id: ID,
      path: 'a',
      type: 'generic',
      version: 7,
      metadata: {},
      created_at: '2030-01-02T03:04:05.000Z',
      value: 'value of a',
      created_by: `user:${ID}`,
      cmek_encrypted: false,
    });
  });
});

describe('storing and listing secrets', () => {
  it('passes the value as it is and answers metadata only', async () => {
    world.writes.putSecrets = async ({ items }) => ({
      results: items.map(({ path, value, maxAccessCount }) => ({
        outcome: {
          $case: 'secret' as const,
          value: {
            ...secret(path, maxAccessCount ?? 1).metadata!,
            metadataJson: JSON.stringify({ bytes: value.length }),
          },
        },
      })),
    });
    const stored = await ok(
      `PUT /v1/vaults/${ID}/secrets/a%2Fb`,
      { token: agent.token, body: { value: 'ü', max_access_count: 9 } },
      201,
    );
    expect(stored).toEqual({
      id: ID,
      path: 'a/b',
      type: 'generic',
      version: 9,
      metadata: { bytes: 2 },
      created_at: '2030-01-02T03:04:05.000Z',
    });
  });

  it('sends preconditions along, and answers the version as an entity tag', async () => {
    const seen: object[] = [];
    const { putSecrets } = world.writes;
    world.writes.putSecrets = async (request, context) => {
      seen.push(request.items[0]!.preconditions ?? {});
      return putSecrets!(request, context);
    };
    const put = (headers: Record<string, string>) =>
      send(port, `PUT /v1/vaults/${ID}/secrets/a`, { token: person.token, body: { value: 'v' }, headers });
    const stored = await put({ 'if-match': '"4", W/"5"', 'if-none-match': '*' });
    expect([stored.status, stored.headers.etag]).toEqual([201, '"1"']);
    expect(seen).toEqual([{ ifMatch: { any: false, versions: [4] }, ifNoneMatch: { any: true, versions: [] } }]);
    const refused = await put({ 'if-match': 'v4' });
    expect([refused.status, Object.keys(problemOf(refused).fields ?? {})]).toEqual([400, ['if-match']]);
    expect(seen).toHaveLength(1);
  });

  it('answers 304 without a body to those who have the version', async () => {
    world.reads.readSecrets = async ({ items }) => ({
      results: items.map(() => ({ outcome: { $case: 'notModified' as const, value: 12 } })),
    });
    const headers = { 'if-none-match': '"12"' };
    const reply = await send(port, `GET /v1/vaults/${ID}/secrets/a`, { token: agent.token, headers });
    expect([reply.status, reply.text, reply.headers.etag]).toEqual([304, '', '"12"']);
    expect(reply.headers['content-type']).toBeUndefined();
  });

  it('asks again for what vault-svc had no room for', async () => {
    const seen = new Map<string, number>();
    world.reads.readSecrets = async ({ items }) => {
      const results = items.map(({ path }) => {
        seen.set(path, (seen.get(path) ?? 0) + 1);
        if (seen.get(path)! < 3) return { outcome: { $case: 'deferred' as const, value: true } };
        return { outcome: { $case: 'secret' as const, value: secret(path, 1) } };
      });
      return { results };
    };
    const paths = Array.from({ length: 10 }, (_, index) => `big-${index}`);
    const replies = await Promise.all(
      paths.map((path) => send(port, `GET /v1/vaults/${ID}/secrets/${path}`, { token: agent.token })),
    );
    expect(replies.map(({ text }) => (JSON.parse(text) as { value: string }).value)).toEqual(
      paths.map((path) => `value of ${path}`),
    );
    expect([...seen.values()]).toEqual(paths.map(() => 3));
  });

  it('lists with prefix and page', async () => {
    world.reads.listSecrets = async ({ prefix, page, vaultId }) => ({
      secrets: [{ ...secret(`${prefix}x`, page?.limit ?? 0).metadata!, id: vaultId }],
      nextCursor: page?.limit ? 'more' : '',
    });
    expect(await ok(`GET /v1/vaults/${ID}/secrets?prefix=a/&limit=1`)).toMatchObject({
      secrets: [{ path: 'a/x', version: 1 }],
      next_cursor: 'more',
    });
    expect(await ok(`GET /v1/vaults/${ID}/secrets`)).toMatchObject({ secrets: [{ path: 'x', version: 0 }] });
  });

  it('streams a list that comes in several parts, each for the caller as of then', async () => {
    const asked: [string, number][] = [];
    world.reads.listSecrets = async ({ page }, { caller }) => {
      asked.push([page?.cursor ?? '', page?.limit ?? 0]);
      const at = Number(page?.cursor ?? 0);
      expect(caller?.id).toBe(person.caller.id);
      const secrets = [1, 2].map((n) => secret(`s${at + n}`, 1).metadata!);
      return { secrets, nextCursor: at + 2 < 6 ? String(at + 2) : '' };
    };
    const all = await ok<{ secrets: { path: string }[] }>(`GET /v1/vaults/${ID}/secrets`);
    expect(all.secrets.map(({ path }) => path)).toEqual(['s1', 's2', 's3', 's4', 's5', 's6']);
    expect(Object.keys(all)).toEqual(['secrets']);
    expect(asked).toEqual([
      ['', 0],
      ['2', 0],
      ['4', 0],
    ]);
    const page = await ok(`GET /v1/vaults/${ID}/secrets?limit=4`);
    expect(page).toMatchObject({ next_cursor: '4' });
    expect(asked.slice(3)).toEqual([
      ['', 4],
      ['2', 2],
    ]);
  });

  it('breaks a list off where the caller is turned away in the middle of it', async () => {
    const leaving = await world.auth.newCaller();
    world.reads.listSecrets = async () => {
      world.auth.callers.delete(leaving.token);
      return { secrets: [secret('s', 1).metadata!], nextCursor: 'more' };
    };
    // Without NATS this gateway keeps no session: every part asks auth-svc.
    await expect(send(port, `GET /v1/vaults/${ID}/secrets`, { token: leaving.token })).rejects.toThrow();
  });

  it('lists versions, a hundred unless told', async () => {
    world.reads.listVersions = async ({ page, path }) => ({
      versions: [
        {
          metadata: secret(path, page?.limit ?? 0).metadata!,
          createdBy: `user:${ID}`,
          state: 'used_up',
          accessCount: 2,
          maxAccessCount: 2,
        },
      ],
      nextCursor: '',
    });
    expect(await ok(`GET /v1/vaults/${ID}/secrets/a/b?versions=true`)).toEqual({
      versions: [
        {
          id: ID,
          path: 'a/b',
          type: 'generic',
          version: 100,
          metadata: {},
          created_at: '2030-01-02T03:04:05.000Z',
          created_by: `user:${ID}`,
          state: 'used_up',
          max_access_count: 2,
          access_count: 2,
          cmek_encrypted: false,
        },
      ],
    });
    for (const query of [
      'versions=true&version=1',
      'versions=yes',
      'versions=true&limit=0',
      'versions=true&limit=1001',
    ])
      expect((await send(port, `GET /v1/vaults/${ID}/secrets/a?${query}`, { token: person.token })).status).toBe(400);
  });

  it('restores what was deleted', async () => {
    world.writes.restoreSecret = async ({ path }) => ({ secret: secret(path, 3).metadata! });
    const reply = await send(port, `POST /v1/vaults/${ID}/restore`, { token: person.token, body: { path: 'a/b' } });
    expect([reply.status, reply.headers.etag]).toEqual([200, '"3"']);
    expect(JSON.parse(reply.text)).toMatchObject({ path: 'a/b', version: 3 });
    const bad = await send(port, `POST /v1/vaults/${ID}/restore`, { token: person.token, body: { path: 'a%2Fb' } });
    expect(bad.status).toBe(400);
  });

  it('deletes', async () => {
    world.writes.deleteSecret = async () => ({});
    expect((await send(port, `DELETE /v1/vaults/${ID}/secrets/a/b`, { token: person.token })).status).toBe(204);
  });
});

describe('tokens', () => {
  const token = { accessToken: 'jwt', expiresInSeconds: 3600 };

  it('of agents come in batches, each with the address and the request it is for', async () => {
    const seen: { apiKey: string; requestId: string; ipAddress: string }[][] = [];
    world.auth.agentTokens.exchangeAgentKeys = async ({ exchanges }) => {
      seen.push(exchanges);
      return {
        results: exchanges.map(({ apiKey }) =>
          apiKey === 'bad' ? { accepted: false } : { accepted: true, token, agentId: ID, vaultIds: [] },
        ),
      };
    };
    const exchange = (body: object) => send(port, 'POST /v1/auth/agent-token', { body });
    const [named, anonymous, bad] = await Promise.all([
      exchange({ agent_id: ID, api_key: 'k1' }),
      exchange({ api_key: 'k2' }),
      exchange({ api_key: 'bad' }),
    ]);
    expect(JSON.parse(named.text)).toEqual({ access_token: 'jwt', token_type: 'Bearer', expires_in: 3600 });
    expect(JSON.parse(anonymous.text)).toEqual({
      access_token: 'jwt',
      token_type: 'Bearer',
      expires_in: 3600,
      agent_id: ID,
      vault_ids: [],
    });
    expect(bad.status).toBe(401);
    expect(seen.flat()).toHaveLength(3);
    expect(seen.flat().every((each) => each.ipAddress === '127.0.0.1' && each.requestId.length > 0)).toBe(true);
    for (const body of [{}, { agent_id: ID }, { api_key: null }]) expect((await exchange(body)).status).toBe(400);
  });

  it('of people come with signup and login', async () => {
    world.auth.accounts.signUp = async ({ email, displayName }) => ({ token, email: `${email}/${displayName}` });
    world.auth.accounts.logIn = async () => ({ token });
    const body = { email: ' Ada@example.com', password: 'x', display_name: 'Ada', role: 'admin' };
    expect(await ok('POST /v1/auth/signup', { body, token: 'stale' })).toEqual({
      access_token: 'jwt',
      token_type: 'Bearer',
      expires_in: 3600,
      message: expect.stringMatching(/confirm/),
      email: ' Ada@example.com/Ada',
    });
    expect(await ok('POST /v1/auth/token', { body })).toEqual({
      access_token: 'jwt',
      token_type: 'Bearer',
      expires_in: 3600,
    });
  });

  it('can be verified with keys that may be cached for a minute', async () => {
    const reply = await send(port, 'GET /v1/auth/jwt-public-key');
    expect(reply.headers['cache-control']).toBe('public, max-age=60');
    expect(JSON.parse(reply.text)).toEqual({
      alg: 'EdDSA',
      public_key_base64: world.auth.signer.verificationKey.publicKey.toString('base64'),
    });
    expect(await ok('GET /.well-known/jwks.json', {})).toMatchObject({
      keys: [{ kty: 'OKP', crv: 'Ed25519', kid: world.auth.signer.kid }],
    });
  });
});

describe('the caller', () => {
  it('reaches the service as auth-svc proved it, with address and request id', async () => {
    world.vaults.listVaults = async (_, { caller, clientIp, requestId }) => ({
      vaults: [{ id: ID, name: `${caller?.id} ${clientIp} ${requestId}`, createdAt: AT }],
    });
    const { vaults } = await ok<{ vaults: { name: string }[] }>('GET /v1/vaults', {
      token: person.token,
      headers: { 'x-request-id': 'mine' },
    });
    expect(vaults[0]?.name).toBe(`${person.caller.id} 127.0.0.1 mine`);
  });

  it('gets profiles of its own kind', async () => {
    world.auth.accounts.getProfile = async (_, { caller }) => ({
      profile: { id: caller!.id, email: 'ada@example.com', orgId: caller!.orgId, createdAt: AT },
    });
    world.auth.agents.getSelf = async (_, { caller }) => ({
      agent: Agent.fromPartial({
        id: caller!.id,
        orgId: caller!.orgId,
        createdBy: ID,
        authMethod: 'api_key',
        createdAt: AT,
      }),
    });
    expect(await ok('GET /v1/auth/me')).toMatchObject({
      id: person.caller.id,
      email: 'ada@example.com',
      totp_enabled: false,
    });
    expect(await ok('GET /v1/agents/me', { token: agent.token })).toMatchObject({
      id: agent.caller.id,
      org_id: agent.caller.orgId,
      scopes: [],
    });
  });
});

describe('agents', () => {
  const record = Agent.fromPartial({
    id: ID,
    name: 'bot',
    authMethod: 'api_key',
    orgId: ID,
    createdBy: ID,
    createdAt: AT,
  });

  it('are registered with a key that is shown once', async () => {
    world.auth.agents.createAgent = async ({ name }) => ({ agent: { ...record, name }, apiKey: 'ocv_x' });
    const created = await ok<{ agent: object; api_key: string }>(
      'POST /v1/agents',
      { token: person.token, body: { name: 'bot', id: 'mine', org_id: 'mine' } },
      201,
    );
    expect(Object.keys(created)).toEqual(['agent', 'api_key']);
    expect(created).toMatchObject({ agent: { id: ID, name: 'bot' }, api_key: 'ocv_x' });
  });

  it('beyond the plan are refused with the type that says so', async () => {
    world.auth.agents.createAgent = () =>
      Promise.reject(
        new DomainError(
          'resource_limit_exceeded',
          'Agent limit reached (2/2 on free tier). Upgrade your plan for more.',
        ),
      );
    const reply = await send(port, 'POST /v1/agents', { token: person.token, body: { name: 'bot' } });
    expect([reply.status, JSON.parse(reply.text)]).toMatchObject([
      403,
      { type: 'resource_limit_exceeded', detail: expect.stringMatching(/^Agent limit/) },
    ]);
  });

  it('are listed, rotated and deactivated', async () => {
    world.auth.agents.listAgents = async () => ({ agents: [record], nextCursor: '' });
    world.auth.agents.rotateAgentKey = async () => ({ agent: record, apiKey: 'ocv_y' });
    world.auth.agents.deactivateAgent = async () => ({});
    expect(await ok('GET /v1/agents')).toMatchObject({ agents: [{ id: ID }] });
    expect(await ok(`POST /v1/agents/${ID}/rotate-key`)).toMatchObject({ agent: { id: ID }, api_key: 'ocv_y' });
    expect((await send(port, `DELETE /v1/agents/${ID}`, { token: person.token })).status).toBe(204);
  });
});

describe('policies', () => {
  it("carry auth-svc's attestation of their principal over to vault-svc", async () => {
    world.auth.directory.attestPrincipal = async ({ principalType, principalId }) => ({
      attestation: `${principalType} ${principalId} exists`,
    });
    world.policies.createPolicy = async (request) => ({
      policy: { ...request, id: ID, createdBy: request.principalAttestation, createdByType: 'user', createdAt: AT },
    });
    const body = { secret_path_pattern: 'a/*', principal_type: 'agent', principal_id: ID, permissions: ['read'] };
    expect(await ok(`POST /v1/vaults/${ID}/policies`, { token: person.token, body }, 201)).toEqual({
      ...body,
      id: ID,
      vault_id: ID,
      conditions: {},
      created_by: `agent ${ID} exists`,
      created_by_type: 'user',
      created_at: '2030-01-02T03:04:05.000Z',
    });
  });

  it('are listed, changed and withdrawn', async () => {
    world.policies.listPolicies = async () => ({ policies: [{ id: ID, createdAt: AT }] });
    world.policies.updatePolicy = async ({ clearExpiresAt, conditionsJson }) => ({
      policy: { id: `${clearExpiresAt}`, conditionsJson: conditionsJson ?? '', createdAt: AT },
    });
    world.policies.deletePolicy = async () => ({});
    const url = `/v1/vaults/${ID}/policies`;
    expect(await ok(`GET ${url}`)).toMatchObject({ policies: [{ id: ID }] });
    expect(
      await ok(`PUT ${url}/${ID}`, { token: person.token, body: { expires_at: null, conditions: {} } }),
    ).toMatchObject({ id: 'true', conditions: {} });
    expect((await send(port, `DELETE ${url}/${ID}`, { token: person.token })).status).toBe(204);
  });
});

describe('the trail', () => {
  it('is asked with every filter and counted per page', async () => {
    world.audit.listEvents = async ({ resourceId, from, page, offset }) => ({
      events: [
        { id: ID, orgId: ID, action: `${resourceId} ${from?.toISOString()} ${page?.limit} ${offset}`, createdAt: AT },
      ],
      nextCursor: 'c',
    });
    const page = await ok('GET /v1/audit/events?resource_id=a%2Fb&from=2030-01-02T03:04:05%2B02:00&limit=5&offset=1', {
      token: agent.token,
    });
    expect(page).toMatchObject({
      count: 1,
      next_cursor: 'c',
      events: [{ action: 'a/b 2030-01-02T01:04:05.000Z 5 1', prev_event_id: null, details: {} }],
    });
  });
});
