import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '@oneclaw/caller';
import { NatsLink, SessionInvalidationPublisher } from '@oneclaw/events/sessions';
import { createLogger } from '@oneclaw/telemetry';
import { type TestNats, eventually, startNats } from '@oneclaw/testing';
import type { Gateway } from '../app.js';
import { problemOf, send } from '../testing/http-client.js';
import { StubWorld } from '../testing/stub-world.js';

let nats: TestNats;
let link: NatsLink;
let authSvc: SessionInvalidationPublisher;
let world: StubWorld;
let gateway: Gateway;

beforeAll(async () => {
  nats = await startNats();
  link = new NatsLink({ url: nats.url, name: 'auth-svc', logger: createLogger({ service: 'test', level: 'silent' }) });
  authSvc = new SessionInvalidationPublisher(link);
  world = await StubWorld.start();
  gateway = await world.gateway({}, nats.url);
  world.vaults.listVaults = async () => ({ vaults: [], nextCursor: '' });
  world.vaults.createVault = async () => Promise.reject(new Error('a bar was passed'));
  world.auth.accounts.getProfile = async () => ({ profile: { id: 'me', createdAt: new Date(0) } });
});

afterAll(async () => {
  await world?.close();
  authSvc?.close();
  await link?.close();
  await nats?.dispose();
});

/** Somebody's key, which auth-svc knows. */
async function newKey(scopes: Partial<Pick<Caller, 'areaScopes' | 'pathScopes'>> = {}) {
  const { caller } = await world.auth.newCaller({ sessionKind: 'api_key', ...scopes });
  const key = `1ck_${randomBytes(32).toString('base64url')}`;
  world.auth.callers.set(key, caller);
  return { key, caller };
}

const statusOf = async (line: string, token: string, body?: unknown) =>
  (await send(gateway.httpPort, line, { token, body })).status;

describe('a personal API key as bearer', () => {
  it('is resolved by auth-svc, remembered, and dead as soon as its user is voided', async () => {
    const { key, caller } = await newKey();
    await eventually(async () => {
      expect(await statusOf('GET /v1/vaults', key)).toBe(200);
      const before = world.auth.resolved;
      expect(await statusOf('GET /v1/vaults', key)).toBe(200);
      expect(world.auth.resolved).toBe(before);
    });
    world.auth.callers.delete(key);
    authSvc.publish([`user:${caller.id}`]);
    await eventually(async () => expect(await statusOf('GET /v1/vaults', key)).toBe(401), 1000);
  });

  it('that cannot be one is refused without asking anybody', async () => {
    const before = world.auth.resolved;
    for (const key of ['1ck_', `1ck_${'A'.repeat(42)}`, `1ck_${'A'.repeat(44)}`, `1ck_${'*'.repeat(43)}`]) {
      expect(await statusOf('GET /v1/vaults', key)).toBe(401);
    }
    expect(world.auth.resolved).toBe(before);
  });

  it('that is unknown is refused', async () => {
    expect(await statusOf('GET /v1/vaults', `1ck_${'A'.repeat(43)}`)).toBe(401);
  });
});

describe('the bar for personal API keys', () => {
  const INTERACTIVE = [
    'POST /v1/auth/api-keys',
    'DELETE /v1/auth/api-keys/0191e3c4-1111-7000-8000-000000000001',
    'POST /v1/auth/mfa/setup',
    'POST /v1/auth/mfa/verify-setup',
    'DELETE /v1/auth/mfa',
    'POST /v1/auth/change-password',
    'DELETE /v1/auth/me',
  ];

  it.each(INTERACTIVE)('is before %s, whatever the body, and in the trail', async (line) => {
    const { key } = await newKey();
    const before = world.auth.refusals.length;
    const reply = await send(gateway.httpPort, line, { token: key, body: { nonsense: true } });
    expect(problemOf(reply)).toMatchObject({
      status: 403,
      detail: 'A personal API key is not enough for this: log in.',
    });
    expect(world.auth.refusals).toHaveLength(before + 1);
  });

  it('holds a key to the areas of its scopes', async () => {
    const { key } = await newKey({ areaScopes: ['vaults:read'] });
    expect(await statusOf('GET /v1/vaults', key)).toBe(200);
    expect(await statusOf('POST /v1/vaults', key, { name: 'v' })).toBe(403);
    expect(await statusOf('GET /v1/agents', key)).toBe(403);
    expect(await statusOf('GET /v1/auth/api-keys', key)).toBe(403);
    expect(await statusOf('GET /v1/auth/me', key)).toBe(200);
  });

  it('lets a key with paths only call every operation that has an area', async () => {
    const { key } = await newKey({ pathScopes: ['app/**'] });
    expect(await statusOf('GET /v1/vaults', key)).toBe(200);
    expect(await statusOf('GET /v1/auth/me', key)).toBe(200);
    expect(await statusOf('GET /v1/auth/mfa/status', key)).toBe(403);
  });
});
