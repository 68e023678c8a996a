import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CALLER_ASSERTION, CallerVerifier, PrincipalFactsVerifier, VerificationKeys } from '@oneclaw/caller';
import { decodeJwt } from 'jose';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { agentCall, anonymous, createAgent, exchangeKey, PASSWORD, refusalOf, signUp } from '../testing/people.js';
import { Pruner } from './pruner.js';

let world: AuthWorld;
let verifier: CallerVerifier;
let factsVerifier: PrincipalFactsVerifier;
beforeAll(async () => {
  world = await startAuthWorld();
  const { kid } = world.crypto.keys;
  const keys = new VerificationKeys(async () => [{ kid, publicKey: world.crypto.keys.publicKey() }]);
  verifier = new CallerVerifier(keys);
  factsVerifier = new PrincipalFactsVerifier(keys);
});
afterAll(() => world.close());

async function resolve(...tokens: string[]) {
  return (await world.sessions.resolveCallers({ tokens }, anonymous())).results;
}

/** A token with these claims, signed by our key. */
function forge(claims: object, options: Parameters<typeof world.crypto.keys.jws>[2] & { typ?: string } = {}): string {
  return world.crypto.keys.jws(options.typ ?? 'JWT', JSON.stringify(claims), options);
}

describe('resolving a token', () => {
  it('answers who calls now, with an assertion that other services can verify', async () => {
    const { token, id, orgId, email } = await signUp(world);
    const { jti, exp } = decodeJwt(token);
    const [result] = await resolve(token);
    expect(result).toEqual({
      refusal: '',
      caller: {
        assertion: expect.any(String),
        assertionExpiresAt: expect.any(Date),
        principalType: 'user',
        principalId: id,
        orgId,
        role: 'owner',
        jti,
        tokenExpiresAt: new Date(exp! * 1000),
        sessionKind: 'password',
        areaScopes: [],
        scoped: false,
      },
    });
    expect(await verifier.verify(result!.caller!.assertion)).toEqual({
      type: 'user',
      id,
      orgId,
      role: 'owner',
      sessionId: jti,
      sessionKind: 'password',
      pathScopes: [],
      areaScopes: [],
      vaultIds: [],
      intentsEnabled: false,
      email,
      emailVerified: false,
    });
  });

  it('says of an agent who registered it, while that human is in the org', async () => {
    const owner = await signUp(world);
    const { apiKey } = await createAgent(world, owner);
    const { accessToken } = (await exchangeKey(world, apiKey))!;
    const registrar = async () => {
      const [result] = await resolve(accessToken);
      return (await verifier.verify(result!.caller!.assertion)).registeredBy;
    };
    expect(await registrar()).toBe(owner.id);
    await world.owner.query('DELETE FROM memberships WHERE user_id = $1', [owner.id]);
    expect(await registrar()).toBeUndefined();
  });

  it('answers each token of a batch for itself, in order', async () => {
    const [ada, grace] = [await signUp(world), await signUp(world)];
    await world.sessions.revokeToken({ token: grace.token }, anonymous());
    const results = await resolve(grace.token, ada.token, 'nonsense', ada.token);
    expect(results.map((result) => result.refusal)).toEqual(['revoked', '', 'malformed', '']);
    expect(results[1]!.caller!.principalId).toBe(ada.id);
    expect(results[3]).toEqual(results[1]);
  });

  it('uses an assertion again while the facts stay the same, and makes another when they change', async () => {
    const { token, id } = await signUp(world);
    const [first] = await resolve(token);
    const signed = world.crypto.keys.calls.signed;
    const [second] = await resolve(token);
    expect(second).toEqual(first);
    expect(world.crypto.keys.calls.signed).toBe(signed);
    await world.owner.query(`UPDATE memberships SET role = 'member' WHERE user_id = $1`, [id]);
    const [third] = await resolve(token);
    expect(third!.caller!.role).toBe('member');
    expect((await verifier.verify(third!.caller!.assertion)).role).toBe('member');
  });

  it('signs one assertion for many requests of one session in a batch', async () => {
    const { token } = await signUp(world);
    const other = await world.startReplica();
    const signed = world.crypto.keys.calls.signed;
    await other.sessions.resolveCallers({ tokens: Array<string>(50).fill(token) }, anonymous());
    expect(world.crypto.keys.calls.signed).toBe(signed + 1);
  });

  it('answers the agent as it is now, not as its token says', async () => {
    const owner = await signUp(world);
    const [before, after] = [randomUUID(), randomUUID()];
    const agent = await createAgent(world, owner, { scopes: ['apps/**', 'tx:sign'], vaultIds: [before] });
    const token = (await exchangeKey(world, agent.apiKey))!.accessToken;
    await world.owner.query(
      `UPDATE agents SET scopes = '{"prod/*","tx:sign"}', vault_ids = $2, intents_api_enabled = true WHERE id = $1`,
      [agent.id, [after]],
    );
    const [result] = await resolve(token);
    expect(await verifier.verify(result!.caller!.assertion)).toMatchObject({
      type: 'agent',
      id: agent.id,
      pathScopes: ['prod/*'],
      vaultIds: [after],
      intentsEnabled: true,
    });
  });

  it('keeps the Intents bar of a token although the flag is off now', async () => {
    const agent = await createAgent(world, await signUp(world), { intentsApiEnabled: true });
    const token = (await exchangeKey(world, agent.apiKey))!.accessToken;
    await world.owner.query('UPDATE agents SET intents_api_enabled = false WHERE id = $1', [agent.id]);
    const [result] = await resolve(token);
    expect((await verifier.verify(result!.caller!.assertion)).intentsEnabled).toBe(true);
  });

  it.each<[string, (claims: object) => string, string]>([
    ['another issuer', (claims) => forge({ ...claims, iss: 'https://evil.test' }), 'wrong_issuer'],
    ['another audience', (claims) => forge({ ...claims, aud: 'evil' }), 'wrong_audience'],
    ['a past expiry', (claims) => forge({ ...claims, exp: 1 }), 'expired'],
    ['the kind of an assertion', (claims) => forge(claims, { typ: 'caller+jwt' }), 'wrong_type'],
    ['a kid that is not ours', (claims) => forge(claims, { kid: 'evil' }), 'unknown_key'],
    [
      'a foreign key under our kid',
      (claims) => forge(claims, { key: generateKeyPairSync('ed25519').privateKey }),
      'bad_signature',
    ],
    ['a jti that no session has', (claims) => forge({ ...claims, jti: randomUUID() }), 'unknown_session'],
    ['a jti that is no uuid', (claims) => forge({ ...claims, jti: "' OR true" }), 'malformed'],
    ["somebody else's subject", (claims) => forge({ ...claims, sub: `user:${randomUUID()}` }), 'wrong_subject'],
    [
      'the subject as an agent',
      (claims) => forge({ ...claims, sub: String((claims as { sub: string }).sub).replace('user', 'agent') }),
      'wrong_subject',
    ],
    ["somebody else's org", (claims) => forge({ ...claims, org: randomUUID() }), 'wrong_org'],
  ])('is refused with %s', async (_what, token, reason) => {
    const { token: good } = await signUp(world);
    expect(await refusalOf(world, token(decodeJwt(good)))).toBe(reason);
  });

  it('is unavailable while the HSM cannot sign, and well again after', async () => {
    const { token } = await world.accounts.signUp(
      { email: `${randomUUID()}@example.com`, password: PASSWORD },
      anonymous(),
    );
    world.crypto.keys.broken = true;
    await expect(resolve(token!.accessToken)).rejects.toMatchObject({ code: 'unavailable' });
    world.crypto.keys.broken = false;
    expect(await refusalOf(world, token!.accessToken)).toBe('');
  });

  it('refuses no tokens and too many', async () => {
    await expect(resolve()).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(resolve(...Array<string>(101).fill('x'))).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('revoking a token', () => {
  it('ends that session only, on every replica, with one event however often it is asked', async () => {
    const { token, email, id, orgId } = await signUp(world);
    const other = await world.accounts.logIn({ email, password: PASSWORD }, anonymous());
    const replica = await world.startReplica();
    expect(await refusalOf(replica, token)).toBe('');
    await Promise.all(Array.from({ length: 8 }, () => world.sessions.revokeToken({ token }, anonymous())));
    expect(await refusalOf(world, token)).toBe('revoked');
    expect(await refusalOf(replica, token)).toBe('revoked');
    expect(await refusalOf(world, other.token!.accessToken)).toBe('');
    const { audit } = await recordedEvents(world.owner);
    const logouts = audit.filter((event) => event.orgId === orgId && event.action === 'auth.logout');
    expect(logouts).toEqual([
      expect.objectContaining({ actorType: 'user', actorId: id, resourceId: decodeJwt(token).jti }),
    ]);
  });

  it('is put off for a token of ours from the future: our clocks differ', async () => {
    const { token } = await signUp(world);
    const fromTheFuture = forge({ ...decodeJwt(token), iat: Math.floor(Date.now() / 1000) + 300 });
    await expect(world.sessions.revokeToken({ token: fromTheFuture }, anonymous())).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 1,
    });
    expect(await refusalOf(world, token)).toBe('');
  });

  it('is refused for a token that is not ours', async () => {
    await expect(world.sessions.revokeToken({ token: 'a.b.c' }, anonymous())).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });
});

describe('refusals that the gateway reports', () => {
  const refusal = (assertion: string | undefined, requestId: string) => ({
    assertion: assertion ?? '',
    action: 'vault.create',
    resourceType: 'vault',
    resourceId: '',
    reason: 'Agents may not do this.',
    ipAddress: '198.51.100.9',
    requestId,
  });

  it('are events of whoever the assertion names', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const { assertion } = await agentCall(world, agent.apiKey);
    const requestId = randomUUID();
    await world.sessions.recordRefusals({ refusals: [refusal(assertion, requestId)] }, anonymous());
    const { audit } = await recordedEvents(world.owner);
    expect(audit.find((event) => event.requestId === requestId)).toMatchObject({
      orgId: owner.orgId,
      actorType: 'agent',
      actorId: agent.id,
      action: 'vault.create',
      details: { outcome: 'denied', reason: 'Agents may not do this.' },
      ipAddress: '198.51.100.9',
    });
  });

  it.each([300, -300])('are all put off while the clocks of our services differ by %d s', async (clockError) => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const { assertion } = await agentCall(world, agent.apiKey);
    const { iat, exp, ...who } = decodeJwt(assertion!);
    const times = { iat: iat! + clockError, exp: exp! + clockError };
    const misdated = forge({ ...who, ...times }, { typ: CALLER_ASSERTION.typ });
    const requestId = randomUUID();
    const recording = world.sessions.recordRefusals(
      { refusals: [refusal(assertion, requestId), refusal(misdated, requestId)] },
      anonymous(),
    );
    await expect(recording).rejects.toMatchObject({ code: 'unavailable' });
    const { audit } = await recordedEvents(world.owner);
    expect(audit.filter((event) => event.requestId === requestId)).toEqual([]);
  });

  it('name nobody when the assertion is a session token or made up', async () => {
    const { token } = await signUp(world);
    const requestId = randomUUID();
    await world.sessions.recordRefusals(
      { refusals: [refusal(token, requestId), refusal('x', requestId)] },
      anonymous(),
    );
    const { audit } = await recordedEvents(world.owner);
    expect(audit.filter((event) => event.requestId === requestId)).toEqual([]);
  });
});

describe('old rows', () => {
  it('go when their tokens have expired, and living ones stay', async () => {
    const [dead, alive] = [await signUp(world), await signUp(world)];
    await world.owner.query(`UPDATE sessions SET expires_at = now() - interval '1 hour' WHERE principal_id = $1`, [
      dead.id,
    ]);
    await world.owner.query(
      `INSERT INTO session_invalidations VALUES ('org:old', now() - interval '1 hour'), ('org:new', now())`,
    );
    await world.service.get(Pruner).prune();
    const sessions = await world.owner.query('SELECT principal_id FROM sessions WHERE principal_id = ANY($1)', [
      [dead.id, alive.id],
    ]);
    expect(sessions.rows).toEqual([{ principal_id: alive.id }]);
    const keys = await world.owner.query("SELECT key FROM session_invalidations WHERE key LIKE 'org:%'");
    expect(keys.rows).toEqual([{ key: 'org:new' }]);
  });
});

describe('signing keys', () => {
  it('are listed with the current one marked', async () => {
    const { keys } = await world.sessions.listSigningKeys({}, anonymous());
    expect(keys).toEqual([{ kid: world.crypto.keys.kid, publicKey: world.crypto.keys.publicKey(), current: true }]);
  });
});

describe('the directory', () => {
  it("attests users and agents of the caller's org and nobody else", async () => {
    const [owner, stranger] = [await signUp(world), await signUp(world)];
    const agent = await createAgent(world, owner);
    const attest = async (principalType: string, principalId: string) =>
      (await world.directory.attestPrincipal({ principalType, principalId }, owner.call)).attestation;
    expect(decodeJwt(await attest('agent', agent.id))).toMatchObject({ sub: `agent:${agent.id}`, org: owner.orgId });
    expect(decodeJwt(await attest('user', owner.id.toUpperCase()))).toMatchObject({
      sub: `user:${owner.id}`,
      org: owner.orgId,
    });
    expect(await attest('user', stranger.id)).toBe('');
    expect(await attest('agent', owner.id)).toBe('');
    await expect(attest('robot', owner.id)).rejects.toMatchObject({ fields: { principal_type: expect.any(String) } });
    await expect(attest('user', 'x')).rejects.toMatchObject({ fields: { principal_id: expect.any(String) } });
  });

  it('attests for agents as for people, and for nobody who does not say who they are', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const attest = { principalType: 'agent', principalId: agent.id };
    const { attestation } = await world.directory.attestPrincipal(attest, await agentCall(world, agent.apiKey));
    expect(decodeJwt(attestation)).toMatchObject({ sub: `agent:${agent.id}` });
    const request = { principalType: 'user', principalId: owner.id };
    await expect(world.directory.attestPrincipal(request, anonymous())).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it('states what bounds a principal, to nobody in particular and with the address of its human', async () => {
    const owner = await signUp(world);
    const bounds = { scopes: ['vaults:read', 'app/**'], vaultIds: [randomUUID()], intentsApiEnabled: true };
    const agent = await createAgent(world, owner, bounds);
    const { orgId, email } = owner;
    expect(await stated('user', owner.id, orgId)).toEqual({
      type: 'user',
      id: owner.id,
      orgId,
      pathScopes: [],
      vaultIds: [],
      intentsEnabled: false,
      email,
    });
    expect(await stated('agent', agent.id, orgId.toUpperCase())).toEqual({
      type: 'agent',
      id: agent.id,
      orgId,
      pathScopes: ['app/**'],
      vaultIds: bounds.vaultIds,
      intentsEnabled: true,
      email,
    });
  });

  it('states nothing of those who may not act in the org', async () => {
    const [owner, stranger] = [await signUp(world), await signUp(world)];
    const agent = await createAgent(world, owner);
    expect(await stated('user', stranger.id, owner.orgId)).toBeUndefined();
    expect(await stated('agent', owner.id, owner.orgId)).toBeUndefined();
    await world.owner.query(`UPDATE agents SET expires_at = now() WHERE id = $1`, [agent.id]);
    expect(await stated('agent', agent.id, owner.orgId)).toBeUndefined();
    await world.owner.query(`UPDATE agents SET expires_at = NULL WHERE id = $1`, [agent.id]);
    await world.agents.deactivateAgent({ agentId: agent.id }, owner.call);
    expect(await stated('agent', agent.id, owner.orgId)).toBeUndefined();
  });

  it('states no address of a human who has left the org', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    await world.owner.query('DELETE FROM memberships WHERE user_id = $1', [owner.id]);
    expect(await stated('agent', agent.id, owner.orgId)).not.toHaveProperty('email');
    expect(await stated('user', owner.id, owner.orgId)).toBeUndefined();
  });

  async function stated(principalType: string, principalId: string, orgId: string) {
    const { facts } = await world.directory.statePrincipal({ principalType, principalId, orgId }, anonymous());
    return facts === '' ? undefined : await factsVerifier.verify(facts);
  }
});
