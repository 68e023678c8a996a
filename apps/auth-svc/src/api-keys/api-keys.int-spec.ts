import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { createAgent, exchangeKey, type Human, signUp } from '../testing/people.js';
import { createKey, keyCall } from '../testing/api-keys.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

const auditOf = async (who: Human, action: string) =>
  (await recordedEvents(world.owner)).audit.filter((event) => event.orgId === who.orgId && event.action === action);

describe('a personal API key', () => {
  it('is answered once, of the promised form, and kept as a MAC only', async () => {
    const ada = await signUp(world);
    const { key, apiKey } = await createKey(world, ada, { name: 'ci', scopes: ['app/**', 'secrets:read'] });
    expect(apiKey).toMatch(/^1ck_[A-Za-z0-9_-]{43}$/);
    expect(key).toEqual({
      id: expect.any(String),
      name: 'ci',
      keyPrefix: apiKey.slice(0, 12),
      scopes: ['app/**', 'secrets:read'],
      isActive: true,
      createdAt: expect.any(Date),
      expiresAt: undefined,
      lastUsedAt: undefined,
    });
    const { rows } = await world.owner.query<{ row: string; mac: Buffer }>(
      'SELECT row_to_json(k)::text AS row, key_mac AS mac FROM personal_api_keys k WHERE id = $1',
      [key.id],
    );
    expect(rows[0]!.mac).toHaveLength(32);
    expect(rows[0]!.row).not.toContain(apiKey.slice(12));
  });

  it('is announced by a mail and an event, neither of which holds it', async () => {
    const ada = await signUp(world);
    const { key, apiKey } = await createKey(world, ada, { name: 'ci' });
    expect(await auditOf(ada, 'apikey.create')).toEqual([
      expect.objectContaining({
        actorType: 'user',
        actorId: ada.id,
        resourceType: 'api_key',
        resourceId: key.id,
        details: { name: 'ci', key_prefix: key.keyPrefix, scopes: [] },
      }),
    ]);
    const { mails, raw } = await recordedEvents(world.owner);
    const mail = mails.find(({ to, kind }) => to === ada.email && kind === 'api_key_created');
    expect(mail?.params).toMatchObject({ name: 'ci', key_prefix: key.keyPrefix, ip_address: '192.0.2.7' });
    expect(raw.includes(apiKey.slice(12))).toBe(false);
  });

  it('is listed to its user only, oldest first', async () => {
    const [ada, eve] = [await signUp(world), await signUp(world)];
    const one = await createKey(world, ada, { name: 'one' });
    const two = await createKey(world, ada, { name: 'two', expiresAt: new Date(Date.now() + 60_000) });
    const { keys } = await world.apiKeys.listApiKeys({}, ada.call);
    expect(keys).toEqual([one.key, two.key]);
    expect((await world.apiKeys.listApiKeys({}, eve.call)).keys).toEqual([]);
  });

  it.each([
    ['scopes', { scopes: ['tx:sign'] }],
    ['name', { name: '' }],
    ['expires_at', { expiresAt: new Date(0) }],
  ])('is not made with wrong %s', async (field, fields) => {
    const ada = await signUp(world);
    await expect(createKey(world, ada, fields)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { [field]: expect.any(String) },
    });
    expect((await world.apiKeys.listApiKeys({}, ada.call)).keys).toEqual([]);
  });

  it('is not for agents', async () => {
    const ada = await signUp(world);
    const { apiKey } = await createAgent(world, ada);
    const token = (await exchangeKey(world, apiKey))!.accessToken;
    const agent = await keyCall(world, token);
    await expect(world.apiKeys.listApiKeys({}, agent)).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(world.apiKeys.createApiKey({ name: 'x' }, agent)).rejects.toMatchObject({ code: 'permission_denied' });
  });
});

describe('a key and what began with it', () => {
  it('may not make or revoke keys, which is on record', async () => {
    const ada = await signUp(world);
    const { key, apiKey } = await createKey(world, ada);
    const token = (await world.apiKeyTokens.exchangeApiKey({ apiKey }, ada.call)).token!.accessToken;
    for (const bearer of [apiKey, token]) {
      const call = await keyCall(world, bearer);
      const denied = { code: 'permission_denied' };
      await expect(world.apiKeys.createApiKey({ name: 'more' }, call)).rejects.toMatchObject(denied);
      await expect(world.apiKeys.revokeApiKey({ keyId: key.id }, call)).rejects.toMatchObject(denied);
      expect((await world.apiKeys.listApiKeys({}, call)).keys).toHaveLength(1);
    }
    const outcomes = (await auditOf(ada, 'apikey.revoke')).map(({ details }) => details['outcome']);
    expect(outcomes).toEqual(['denied', 'denied']);
  });
});

describe('revoking', () => {
  it('is for the own keys only, and once', async () => {
    const [ada, eve] = [await signUp(world), await signUp(world)];
    const { key } = await createKey(world, ada, { name: 'ci' });
    for (const keyId of [randomUUID(), 'no uuid', '']) {
      await expect(world.apiKeys.revokeApiKey({ keyId }, ada.call)).rejects.toMatchObject({ code: 'not_found' });
    }
    await expect(world.apiKeys.revokeApiKey({ keyId: key.id }, eve.call)).rejects.toMatchObject({ code: 'not_found' });
    const revocations = Array.from({ length: 5 }, () => world.apiKeys.revokeApiKey({ keyId: key.id }, ada.call));
    const outcomes = await Promise.allSettled(revocations);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await auditOf(ada, 'apikey.revoke')).toEqual([
      expect.objectContaining({ resourceId: key.id, details: { name: 'ci', key_prefix: key.keyPrefix } }),
    ]);
    expect((await world.apiKeys.listApiKeys({}, ada.call)).keys).toEqual([]);
  });
});
