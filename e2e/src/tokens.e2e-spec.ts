import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { eventually } from './eventually.js';
import { by, trailWith } from './trail.js';
import type { Token } from './types.js';
import { claimsOf, gateway, newAgent, newOwner, newOwnerWithVault } from './world.js';

/** RFC 8410: what precedes the 32 bytes of an Ed25519 public key in SPKI. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

function isSignedBy(jwt: string, rawPublicKey: Buffer): boolean {
  const [header, payload, signature] = jwt.split('.');
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, rawPublicKey]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature ?? '', 'base64url'));
}

const headerOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()) as Record<string, unknown>;

describe('session tokens', () => {
  it('verify under the published public key', async () => {
    const { api } = await newOwner();
    const { public_key_base64 } = (await gateway().get('/v1/auth/jwt-public-key')).as<{ public_key_base64: string }>(
      200,
    );
    const key = Buffer.from(public_key_base64, 'base64');
    expect(key).toHaveLength(32);
    expect(isSignedBy(api.token ?? '', key)).toBe(true);
  });

  it('name the key in the JWKS that they verify under', async () => {
    const { api } = await newOwner();
    const { alg, kid } = headerOf(api.token ?? '');
    expect(alg).toBe('EdDSA');
    const { keys } = (await gateway().get('/.well-known/jwks.json')).as<{ keys: Record<string, string>[] }>(200);
    const key = keys.find((each) => each['kid'] === kid);
    expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519', x: expect.any(String) });
    expect(isSignedBy(api.token ?? '', Buffer.from(key?.['x'] ?? '', 'base64url'))).toBe(true);
    expect(keys.every((each) => each['d'] === undefined)).toBe(true);
  });

  it('say who a person is', async () => {
    const { api, id, orgId, email } = await newOwner();
    const claims = claimsOf(api.token ?? '');
    expect(claims).toMatchObject({ sub: `user:${id}`, org: orgId, role: 'owner', email });
    expect(claims.iss).toBeTruthy();
    expect(claims.aud).toBeTruthy();
    expect(claims.jti).toBeTruthy();
  });

  it('say who an agent is, with the patterns of its policies where it has no scopes of its own', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await newAgent(owner, [{ vault, pattern: 'db/*' }]);
    const claims = claimsOf(agent.api.token ?? '');
    expect(claims).toMatchObject({
      sub: `agent:${agent.id}`,
      org: owner.orgId,
      scopes: ['db/*'],
      vault_ids: [],
      intents_api_enabled: false,
    });
    const scoped = await newAgent(owner, [], { scopes: ['vaults:read', 'app/**'], vault_ids: [vault.id] });
    expect(claimsOf(scoped.api.token ?? '')).toMatchObject({
      scopes: ['vaults:read', 'app/**'],
      vault_ids: [vault.id],
    });
  });

  it('have ids of their own', async () => {
    const { api, email, password } = await newOwner();
    const again = (await gateway().post('/v1/auth/token', { email, password })).as<Token>(200);
    expect(claimsOf(again.access_token).jti).not.toBe(claimsOf(api.token ?? '').jti);
  });

  it('are dead within a second of being revoked, and others of the same person live on', async () => {
    const { api, id, email, password } = await newOwner();
    const other = api.as((await gateway().post('/v1/auth/token', { email, password })).as<Token>(200).access_token);
    (await other.get('/v1/auth/me')).as(200);
    (await other.delete('/v1/auth/token')).empty();
    await eventually('the revoked token is refused', 1000, async () => {
      const { status } = await other.get('/v1/auth/me');
      return status === 401 ? true : undefined;
    });
    (await other.delete('/v1/auth/token')).refused(401);
    (await api.get('/v1/auth/me')).as(200);
    await trailWith(api, by('auth.logout', id));
  });

  it('of agents can be revoked by the agent', async () => {
    const agent = await newAgent(await newOwner());
    (await agent.api.delete('/v1/auth/token')).empty();
    await eventually('the revoked token is refused', 1000, async () => {
      const { status } = await agent.api.get('/v1/agents/me');
      return status === 401 ? true : undefined;
    });
  });

  it.each([
    ['nothing', {}],
    ['another scheme', { authorization: 'Basic YWRhOng=' }],
    ['no token after Bearer', { authorization: 'Bearer ' }],
    ['no token at all after Bearer', { authorization: 'Bearer' }],
    ['words', { authorization: 'Bearer not a token' }],
    ['an empty header', { authorization: '' }],
    ['two dots', { authorization: 'Bearer ..' }],
    ['an unknown personal key', { authorization: `Bearer 1ck_${'A'.repeat(43)}` }],
    ['8 KiB of letters', { authorization: `Bearer ${'a'.repeat(8192)}` }],
  ])('are demanded: %s is 401', async (_, headers) => {
    (await gateway().get('/v1/vaults', headers)).refused(401);
  });

  it('are accepted whatever the case of the word Bearer', async () => {
    const { api } = await newOwner();
    (await gateway().get('/v1/vaults', { authorization: `bearer ${api.token}` })).as(200);
  });
});
