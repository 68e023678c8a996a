import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CallerVerifier } from '@oneclaw/caller';
import { decodeJwt } from 'jose';
import { createKey } from '../testing/api-keys.js';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { anonymous, type Human, refusalOf, signUp } from '../testing/people.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

async function resolved(bearer: string) {
  const { results } = await world.sessions.resolveCallers({ tokens: [bearer] }, anonymous());
  return results[0]!.caller!;
}

async function exchange(apiKey: string): Promise<string> {
  const { token } = await world.apiKeyTokens.exchangeApiKey({ apiKey }, anonymous());
  return token!.accessToken;
}

const expireKey = (id: string) =>
  world.owner.query(`UPDATE personal_api_keys SET expires_at = now() - interval '1 s' WHERE id = $1`, [id]);

const invalidated = async () =>
  (await world.owner.query<{ key: string }>('SELECT key FROM session_invalidations')).rows.map(({ key }) => key);

describe('a personal API key as bearer', () => {
  it('is its user, with the scopes of the key', async () => {
    const ada = await signUp(world);
    const expiresAt = new Date(Date.now() + 3_600_000);
    const scopes = ['app/**', 'secrets:read', 'vaults:*'];
    const { key, apiKey } = await createKey(world, ada, { scopes, expiresAt });
    const caller = await resolved(apiKey);
    expect(caller).toMatchObject({
      principalType: 'user',
      principalId: ada.id,
      orgId: ada.orgId,
      role: 'owner',
      jti: key.id,
      sessionKind: 'api_key',
      areaScopes: ['secrets:read', 'vaults:*'],
      scoped: true,
      tokenExpiresAt: expiresAt,
    });
    expect(await world.service.get(CallerVerifier).verify(caller.assertion)).toEqual({
      type: 'user',
      id: ada.id,
      orgId: ada.orgId,
      role: 'owner',
      sessionId: key.id,
      sessionKind: 'api_key',
      pathScopes: ['app/**'],
      areaScopes: ['secrets:read', 'vaults:*'],
      vaultIds: [],
      intentsEnabled: false,
      email: ada.email,
      emailVerified: false,
    });
  });

  it.each([
    [[], false],
    [['*'], false],
    [['app/**'], true],
    [['secrets:read'], true],
  ])('with the scopes %j is scoped: %s', async (scopes, scoped) => {
    const { apiKey } = await createKey(world, await signUp(world), { scopes });
    expect(await resolved(apiKey)).toMatchObject({ scoped });
  });

  it('without an end lets a gateway ask again when its assertion ends', async () => {
    const { apiKey } = await createKey(world, await signUp(world));
    const { tokenExpiresAt, assertionExpiresAt } = await resolved(apiKey);
    expect(tokenExpiresAt).toEqual(assertionExpiresAt);
  });

  it('resolves beside tokens and nonsense, each to its own', async () => {
    const [ada, grace] = [await signUp(world), await signUp(world)];
    const { apiKey } = await createKey(world, ada);
    const unknown = `1ck_${'A'.repeat(43)}`;
    const tokens = [unknown, grace.token, apiKey, '1ck_short', 'x', grace.token];
    const { results } = await world.sessions.resolveCallers({ tokens }, anonymous());
    expect(results.map(({ refusal, caller }) => refusal || caller?.principalId)).toEqual([
      'api_key_unknown_key',
      grace.id,
      ada.id,
      'api_key_unknown_key',
      'malformed',
      grace.id,
    ]);
  });

  it('cannot be revoked like a token', async () => {
    const { apiKey } = await createKey(world, await signUp(world));
    const attempt = world.sessions.revokeToken({ token: apiKey }, anonymous());
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(await refusalOf(world, apiKey)).toBe('');
  });

  it('notes when it was last used, once a minute at most', async () => {
    const ada = await signUp(world);
    const { key, apiKey } = await createKey(world, ada);
    const lastUse = async () => (await world.apiKeys.listApiKeys({}, ada.call)).keys[0]!.lastUsedAt;
    await Promise.all(Array.from({ length: 10 }, () => resolved(apiKey)));
    const first = await lastUse();
    expect(Math.abs(Date.now() - first!.getTime())).toBeLessThan(10_000);
    await resolved(apiKey);
    await exchange(apiKey);
    expect(await lastUse()).toEqual(first);
    await world.owner.query(
      `UPDATE personal_api_keys SET last_used_at = last_used_at - interval '61 s' WHERE id = $1`,
      [key.id],
    );
    await resolved(apiKey);
    expect((await lastUse())!.getTime()).toBeGreaterThanOrEqual(first!.getTime());
  });
});

describe('a token exchanged for a key', () => {
  it('is a session of the user with the scopes of the key', async () => {
    const ada = await signUp(world);
    const call = anonymous();
    const { apiKey } = await createKey(world, ada, { scopes: ['app/*', 'audit:read'] });
    const { token } = await world.apiKeyTokens.exchangeApiKey({ apiKey }, call);
    expect(token!.expiresInSeconds).toBe(900);
    expect(decodeJwt(token!.accessToken)).toMatchObject({ sub: `user:${ada.id}`, email: ada.email, role: 'owner' });
    const caller = await resolved(token!.accessToken);
    expect(caller).toMatchObject({ sessionKind: 'api_key', areaScopes: ['audit:read'], scoped: true });
    expect(await world.service.get(CallerVerifier).verify(caller.assertion)).toMatchObject({ pathScopes: ['app/*'] });
    const { audit } = await recordedEvents(world.owner);
    expect(audit.find(({ requestId }) => requestId === call.requestId)).toMatchObject({
      action: 'auth.success',
      actorId: ada.id,
      details: { method: 'api_key' },
    });
  });

  it('lives no longer than the key', async () => {
    const { apiKey } = await createKey(world, await signUp(world), { expiresAt: new Date(Date.now() + 30_000) });
    const { token } = await world.apiKeyTokens.exchangeApiKey({ apiKey }, anonymous());
    expect(token!.expiresInSeconds).toBeGreaterThan(0);
    expect(token!.expiresInSeconds).toBeLessThanOrEqual(30);
  });

  it('is refused for whatever is no key of ours, in one way', async () => {
    for (const apiKey of ['', 'x', '1ck_', `1ck_${'A'.repeat(43)}`, `ocv_${'A'.repeat(43)}`]) {
      const attempt = world.apiKeyTokens.exchangeApiKey({ apiKey }, anonymous());
      await expect(attempt).rejects.toMatchObject({ code: 'unauthenticated', fields: {} });
    }
  });

  it('is not handed out when its event cannot be committed', async () => {
    const { apiKey } = await createKey(world, await signUp(world));
    await world.owner.query(`REVOKE INSERT ON outbox FROM ${world.database.name}`);
    await expect(exchange(apiKey)).rejects.toMatchObject({ code: 'unavailable' });
    await world.owner.query(`GRANT INSERT ON outbox TO ${world.database.name}`);
  });
});

describe('a key and its tokens are dead', () => {
  const ends: [string, string, (ada: Human, keyId: string) => Promise<unknown>][] = [
    ['the key is revoked', 'unknown_key', (ada, keyId) => world.apiKeys.revokeApiKey({ keyId }, ada.call)],
    ['the key expires', 'expired', (_ada, keyId) => expireKey(keyId)],
    [
      'the user leaves the org',
      'not_a_member',
      (ada) => world.owner.query('DELETE FROM memberships WHERE user_id = $1', [ada.id]),
    ],
    ['the user is gone', 'unknown_key', (ada) => world.owner.query('DELETE FROM users WHERE id = $1', [ada.id])],
  ];

  it.each(ends)('when %s', async (_when, reason, end) => {
    const ada = await signUp(world);
    const { key, apiKey } = await createKey(world, ada);
    const token = await exchange(apiKey);
    expect([await refusalOf(world, apiKey), await refusalOf(world, token)]).toEqual(['', '']);
    await end(ada, key.id);
    expect(await refusalOf(world, apiKey)).toBe(`api_key_${reason}`);
    expect(await refusalOf(world, token)).not.toBe('');
    await expect(exchange(apiKey)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('for gateways too: a revocation voids what they remember of the user', async () => {
    const ada = await signUp(world);
    const { key } = await createKey(world, ada);
    await world.apiKeys.revokeApiKey({ keyId: key.id }, ada.call);
    expect(await invalidated()).toContain(`user:${ada.id}`);
  });

  it('also when the token was being made while the key was revoked', async () => {
    const ada = await signUp(world);
    for (let round = 0; round < 5; round += 1) {
      const { key, apiKey } = await createKey(world, ada);
      const [exchanged] = await Promise.allSettled([
        exchange(apiKey),
        world.apiKeys.revokeApiKey({ keyId: key.id }, ada.call),
      ]);
      if (exchanged.status === 'fulfilled') expect(await refusalOf(world, exchanged.value)).toBe('api_key_ended');
    }
  });

  it('but not when the password changes, which ends the tokens only', async () => {
    const ada = await signUp(world);
    const { apiKey } = await createKey(world, ada);
    const token = await exchange(apiKey);
    await world.owner.query('UPDATE users SET credential_epoch = credential_epoch + 1 WHERE id = $1', [ada.id]);
    expect(await refusalOf(world, token)).toBe('credentials_changed');
    expect(await refusalOf(world, apiKey)).toBe('');
  });
});
