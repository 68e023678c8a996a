import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeOidcIssuer, type Misbehaviour } from '@oneclaw/testing';
import { decodeJwt } from 'jose';
import { AUDIENCE, type AuthWorld, ISSUER, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { anonymous, createAgent, refusalOf, signUp } from '../testing/people.js';

let world: AuthWorld;
beforeAll(async () => {
  world = await startAuthWorld({ OUTBOUND_ALLOW_HTTP: true, OUTBOUND_ALLOWED_TARGETS: ['127.0.0.1'] });
});
afterAll(() => world.close());

const refused = { code: 'unauthenticated' };

/** What the trail says about the refusal of one request. */
async function reasonOf(requestId: string): Promise<unknown> {
  const { audit } = await recordedEvents(world.owner);
  return audit.find((event) => event.requestId === requestId)?.details['reason'];
}

describe('an agent of the method mtls', () => {
  const fingerprint = randomBytes(32);
  const certified = async (fields = {}) =>
    createAgent(world, await signUp(world), {
      authMethod: 'mtls',
      clientCertFingerprint: fingerprint.toString('hex').toUpperCase(),
      ...fields,
    });
  const logIn = (agentId: string, shown: Buffer, call = anonymous()) =>
    world.agentLogins.logInWithCertificate({ agentId, fingerprint: shown }, call);

  it('gets a token for its certificate', async () => {
    const agent = await certified({ tokenTtlSeconds: 300 });
    const { token } = await logIn(agent.id, fingerprint);
    expect(token!.expiresInSeconds).toBe(300);
    expect(decodeJwt(token!.accessToken)).toMatchObject({ sub: `agent:${agent.id}`, aud: AUDIENCE });
    expect(await refusalOf(world, token!.accessToken)).toBe('');
    const { audit } = await recordedEvents(world.owner);
    expect(audit.find((event) => event.actorId === agent.id)).toMatchObject({
      action: 'auth.success',
      details: { method: 'client_certificate' },
    });
  });

  it('is refused alike for whatever is wrong', async () => {
    const agent = await certified();
    const owner = await signUp(world);
    const [withKey, gone] = [
      await createAgent(world, owner),
      await createAgent(world, owner, { authMethod: 'mtls', clientCertFingerprint: fingerprint.toString('hex') }),
    ];
    await world.agents.deactivateAgent({ agentId: gone.id }, owner.call);
    const tries: [string, string, Buffer][] = [
      ['wrong_certificate', agent.id, randomBytes(32)],
      ['wrong_certificate', agent.id, fingerprint.subarray(0, 31)],
      ['wrong_certificate', agent.id, Buffer.alloc(0)],
      ['other_auth_method', withKey.id, fingerprint],
      ['inactive_or_expired', gone.id, fingerprint],
      ['unknown_agent', randomUUID(), fingerprint],
      ['unknown_agent', 'not-a-uuid', fingerprint],
    ];
    const messages = new Set<string>();
    for (const [reason, agentId, shown] of tries) {
      const call = anonymous();
      const error = await logIn(agentId, shown, call).catch((caught: unknown) => caught as Error);
      expect(error).toMatchObject(refused);
      messages.add((error as Error).message);
      expect(await reasonOf(call.requestId)).toBe(reason);
    }
    expect(messages.size).toBe(1);
  });
});

describe('an agent of the method oidc_client_credentials', () => {
  let issuer: FakeOidcIssuer;
  beforeEach(async () => (issuer = await FakeOidcIssuer.start()));
  afterEach(() => issuer.close());

  const clientOf = async (at = issuer, fields = {}) =>
    createAgent(world, await signUp(world), {
      authMethod: 'oidc_client_credentials',
      oidcIssuer: at.url,
      oidcClientId: 'robot-1',
      ...fields,
    });
  const logIn = (
    agentId: string,
    clientAssertion: string,
    call = anonymous(),
    at: Pick<AuthWorld, 'agentLogins'> = world,
  ) => at.agentLogins.logInWithAssertion({ agentId, clientAssertion }, call);
  const good = { sub: 'robot-1', aud: AUDIENCE };

  it.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])(
    'gets a token for an assertion signed with %s',
    async (alg) => {
      await issuer.newKey(alg, { keepsOld: false });
      const agent = await clientOf();
      const { token } = await logIn(agent.id, await issuer.token(good));
      expect(await refusalOf(world, token!.accessToken)).toBe('');
    },
  );

  it('may be named by azp, among several audiences, and show one assertion again', async () => {
    const agent = await clientOf();
    const assertion = await issuer.token({ sub: 'service-account', azp: 'robot-1', aud: ['other', AUDIENCE] });
    await logIn(agent.id, assertion);
    await logIn(agent.id, assertion);
    expect(issuer.requests).toHaveLength(2);
  });

  const now = () => Math.floor(Date.now() / 1000);
  const attacks: [string, string, () => Promise<string>][] = [
    ['of another client', 'wrong_client', () => issuer.token({ ...good, sub: 'robot-2' })],
    ['without a client', 'wrong_client', () => issuer.token({ aud: AUDIENCE })],
    ['for another audience', 'bad_assertion', () => issuer.token({ ...good, aud: 'other' })],
    ['without an audience', 'bad_assertion', () => issuer.token({ sub: 'robot-1' })],
    ['of another issuer', 'wrong_issuer', () => issuer.token({ ...good, iss: 'https://another.test' })],
    ['that has expired', 'malformed_assertion', () => issuer.token({ ...good, exp: now() - 60 })],
    ['without an expiry', 'malformed_assertion', () => issuer.token({ ...good, exp: undefined })],
    ['that is not valid yet', 'bad_assertion', () => issuer.token({ ...good, nbf: now() + 600 })],
    ['of an unknown key', 'bad_assertion', () => issuer.token(good, { kid: 'none-of-theirs' })],
    ['with a key of its own in it', 'bad_assertion', ownKey],
    ['without a signature', 'malformed_assertion', async () => unsigned({ alg: 'none' })],
    ['signed with HMAC under the public key', 'malformed_assertion', async () => hmac()],
    ['that was changed', 'bad_assertion', tampered],
    ['that is no token', 'malformed_assertion', async () => 'nonsense'],
    ['that is too long', 'malformed_assertion', () => issuer.token({ ...good, pad: 'x'.repeat(20_000) })],
  ];

  it.each(attacks)('is refused with an assertion %s (%s)', async (_what, reason, make) => {
    const agent = await clientOf();
    const call = anonymous();
    await expect(logIn(agent.id, await make(), call)).rejects.toMatchObject(refused);
    expect(await reasonOf(call.requestId)).toBe(reason);
  });

  it('may have an issuer without discovery, whose keys are in the usual place', async () => {
    issuer.misbehaves = 'has_no_discovery';
    const agent = await clientOf();
    const { token } = await logIn(agent.id, await issuer.token(good));
    expect(await refusalOf(world, token!.accessToken)).toBe('');
  });

  it('cannot be spoken for by a token of ours', async () => {
    const owner = await signUp(world);
    const agent = await clientOf(issuer, { oidcIssuer: ISSUER, oidcClientId: `user:${owner.id}` });
    await expect(logIn(agent.id, owner.token)).rejects.toMatchObject(refused);
  });

  it('is asked about again when its issuer signs with a new key', async () => {
    // Its own replica: others have not just asked.
    const replica = await world.startReplica();
    const agent = await clientOf();
    await logIn(agent.id, await issuer.token(good), anonymous(), replica);
    await issuer.newKey();
    const assertion = await issuer.token(good);
    const later = await world.startReplica();
    await logIn(agent.id, assertion, anonymous(), later);
    // The first replica has asked a moment ago, and does not ask at once because somebody names a key.
    await expect(logIn(agent.id, assertion, anonymous(), replica)).rejects.toMatchObject(refused);
  });

  it.each<[Misbehaviour, string]>([
    ['redirects', 'issuer_unreachable'],
    ['is_huge', 'issuer_unreachable'],
    ['is_no_json', 'issuer_unreachable'],
    ['is_down', 'issuer_refused'],
    ['names_another', 'bad_discovery'],
  ])('is refused while its issuer %s', async (misbehaves, reason) => {
    issuer.misbehaves = misbehaves;
    const agent = await clientOf();
    const call = anonymous();
    await expect(logIn(agent.id, await issuer.token(good), call)).rejects.toMatchObject(refused);
    expect(await reasonOf(call.requestId)).toBe(reason);
  });

  it('of an issuer that hangs holds up nobody else, and asks it once', async () => {
    const healthy = await FakeOidcIssuer.start();
    issuer.misbehaves = 'hangs';
    const [stuck, well] = [await clientOf(), await clientOf(healthy)];
    const assertion = await issuer.token(good);
    let waiting = 20;
    const hanging = Array.from({ length: 20 }, () =>
      logIn(stuck.id, assertion).then(
        () => 'accepted',
        () => ((waiting -= 1), 'refused'),
      ),
    );
    await logIn(well.id, await healthy.token(good));
    expect(waiting).toBe(20);
    expect(new Set(await Promise.all(hanging))).toEqual(new Set(['refused']));
    expect(issuer.requests).toHaveLength(1);
    await healthy.close();
  });

  it('cannot make us ask our own network unless the configuration allows it', async () => {
    const replica = await world.startReplica({ OUTBOUND_ALLOWED_TARGETS: [] });
    const agent = await clientOf();
    await expect(logIn(agent.id, await issuer.token(good), anonymous(), replica)).rejects.toMatchObject(refused);
    expect(issuer.requests).toEqual([]);
  });

  async function ownKey(): Promise<string> {
    const foreign = await FakeOidcIssuer.start();
    const token = await foreign.token({ ...good, iss: issuer.url }, { jwk: foreign.publicJwk });
    await foreign.close();
    return token;
  }

  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = (header: object) =>
    `${encode(header)}.${encode({ ...good, iss: issuer.url, iat: now(), exp: now() + 60 })}.`;

  function hmac(): string {
    const input = unsigned({ alg: 'HS256', kid: issuer.publicJwk.kid }).slice(0, -1);
    const secret = JSON.stringify(issuer.publicJwk);
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  }

  async function tampered(): Promise<string> {
    const [header, , signature] = (await issuer.token({ ...good, sub: 'robot-2' })).split('.');
    const claims = encode({ ...good, iss: issuer.url, iat: now(), exp: now() + 60 });
    return `${header}.${claims}.${signature}`;
  }
});

describe('issuers without TLS', () => {
  it('are refused where the configuration does not allow them', async () => {
    const strict = await world.startReplica({ OUTBOUND_ALLOW_HTTP: false });
    const owner = await signUp(world);
    const fields = { authMethod: 'oidc_client_credentials', oidcIssuer: 'http://issuer.test', oidcClientId: 'c' };
    await expect(createAgent(strict, owner, fields)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { oidc_issuer: expect.any(String) },
    });
    expect(await createAgent(world, owner, fields)).toMatchObject({ oidcIssuer: 'http://issuer.test' });
  });
});
