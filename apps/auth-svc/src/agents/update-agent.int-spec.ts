import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CreateAgentRequest, type UpdateAgentRequest } from '@oneclaw/contracts/auth';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { agentCall, createAgent, exchangeKey, type Human, refusalOf, signUp } from '../testing/people.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

type Change = { fields?: string[]; isActive?: boolean; settings?: Partial<CreateAgentRequest> };

async function update(who: Pick<Human, 'call'>, agentId: string, { fields = [], settings = {}, isActive }: Change) {
  const request: UpdateAgentRequest = { agentId, fields, settings: CreateAgentRequest.fromPartial(settings), isActive };
  return (await world.agents.updateAgent(request, who.call)).agent!;
}

const RICH = {
  name: 'renamed',
  description: 'says more',
  scopes: ['prod/**', 'tx:sign'],
  expiresAt: new Date('2033-02-03T04:05:06.000Z'),
  intentsApiEnabled: true,
  txToAllowlist: ['0x' + 'aB'.repeat(20)],
  txMaxValueEth: '0.5',
  txDailyLimitEth: '1',
  txAllowedChains: ['base'],
  tokenTtlSeconds: 300,
  vaultIds: [randomUUID()],
  clientCertFingerprint: 'ab'.repeat(32),
  oidcIssuer: 'https://issuer.test',
  oidcClientId: 'robot',
  shroudEnabled: true,
  shroudConfigJson: '{"a":1}',
};
const NAMES = [
  'name',
  'description',
  'scopes',
  'expires_at',
  'intents_api_enabled',
  'tx_to_allowlist',
  'tx_max_value_eth',
  'tx_daily_limit_eth',
  'tx_allowed_chains',
  'token_ttl_seconds',
  'vault_ids',
  'client_cert_fingerprint',
  'oidc_issuer',
  'oidc_client_id',
  'shroud_enabled',
  'shroud_config',
];

describe('changing an agent', () => {
  it('sets every field of creation that is named, and clears those without a value', async () => {
    const owner = await signUp(world);
    const created = await createAgent(world, owner);
    const { apiKey: _, ...before } = created;
    expect(await update(owner, before.id, { fields: NAMES, settings: RICH })).toEqual({ ...before, ...RICH });
    const cleared = await update(owner, before.id, { fields: NAMES, settings: { name: 'plain again' } });
    expect(cleared).toEqual({ ...before, name: 'plain again' });
    expect((await world.agents.getAgent({ agentId: before.id }, owner.call)).agent).toEqual(cleared);
  });

  it('leaves alone what is not named, and the way in which it authenticates', async () => {
    const owner = await signUp(world);
    const { apiKey: _, ...before } = await createAgent(world, owner, RICH);
    const settings = { name: 'x', authMethod: 'mtls', description: 'y' };
    expect(await update(owner, before.id, { fields: ['name', 'auth_method', 'id', 'org_id'], settings })).toEqual({
      ...before,
      name: 'x',
    });
    expect(await update(owner, before.id, {})).toEqual({ ...before, name: 'x' });
  });

  it('is audited with the names of the fields, once per change', async () => {
    const owner = await signUp(world);
    const { id } = await createAgent(world, owner);
    await update(owner, id, { fields: ['tx_max_value_eth'], settings: { txMaxValueEth: '7' }, isActive: true });
    await update(owner, id, {});
    const { audit } = await recordedEvents(world.owner);
    expect(audit.filter((event) => event.resourceId === id && event.action === 'agent.update')).toMatchObject([
      { actorId: owner.id, details: { changed: ['tx_max_value_eth', 'is_active'] } },
    ]);
  });

  it.each<[string, Partial<CreateAgentRequest>]>([
    ['name', { name: '' }],
    ['scopes', { scopes: ['a//b'] }],
    ['token_ttl_seconds', { tokenTtlSeconds: 119 }],
    ['oidc_issuer', { oidcIssuer: 'http://issuer.test' }],
    ['client_cert_fingerprint', { clientCertFingerprint: 'abc' }],
    ['vault_ids', { vaultIds: ['x'] }],
  ])('refuses a bad %s and changes nothing', async (field, settings) => {
    const owner = await signUp(world);
    const { apiKey: _, ...before } = await createAgent(world, owner);
    const wrong = update(owner, before.id, {
      fields: [field, 'description'],
      settings: { ...settings, description: 'd' },
    });
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_argument', fields: { [field]: expect.any(String) } });
    expect((await world.agents.getAgent({ agentId: before.id }, owner.call)).agent).toEqual(before);
  });

  it('cannot take from an agent what its method needs', async () => {
    const owner = await signUp(world);
    const mtls = await createAgent(world, owner, { authMethod: 'mtls', clientCertFingerprint: 'ab'.repeat(32) });
    await expect(update(owner, mtls.id, { fields: ['client_cert_fingerprint'] })).rejects.toMatchObject({
      fields: { client_cert_fingerprint: expect.any(String) },
    });
  });

  it('is for those who manage the agent', async () => {
    const [owner, stranger] = [await signUp(world), await signUp(world)];
    const agent = await createAgent(world, owner);
    const change = { fields: ['name'], settings: { name: 'mine' } };
    await expect(update(stranger, agent.id, change)).rejects.toMatchObject({ code: 'not_found' });
    const itself = { call: await agentCall(world, agent.apiKey) };
    await expect(update(itself, agent.id, change)).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it('keeps all of twenty parallel changes to different fields', async () => {
    const owner = await signUp(world);
    const { id } = await createAgent(world, owner);
    await Promise.all(NAMES.map((name) => update(owner, id, { fields: [name], settings: RICH })));
    expect((await world.agents.getAgent({ agentId: id }, owner.call)).agent).toMatchObject(RICH);
  });
});

describe('switching an agent off and on', () => {
  it('kills its tokens for good, and lets it get new ones', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const { accessToken } = (await exchangeKey(world, agent.apiKey))!;
    expect(await update(owner, agent.id, { isActive: false })).toMatchObject({ isActive: false });
    expect(await refusalOf(world, accessToken)).toBe('agent_inactive');
    expect(await exchangeKey(world, agent.apiKey)).toBeUndefined();
    expect(await update(owner, agent.id, { isActive: true })).toMatchObject({ isActive: true });
    expect(await refusalOf(world, accessToken)).toBe('credentials_changed');
    expect(await refusalOf(world, (await exchangeKey(world, agent.apiKey))!.accessToken)).toBe('');
    const { identity } = await recordedEvents(world.owner);
    const kinds = identity.filter((event) => event.subjectId === agent.id).map((event) => event.kind);
    expect(kinds).toEqual(['agent.created', 'agent.deactivated', 'agent.activated']);
  });

  it('leaves tokens alone where nothing is switched', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const { accessToken } = (await exchangeKey(world, agent.apiKey))!;
    await update(owner, agent.id, { isActive: true, fields: ['name'], settings: { name: 'other' } });
    expect(await refusalOf(world, accessToken)).toBe('');
  });
});

describe('what a change means for tokens in use', () => {
  it('is that they end where the agent expires', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const { accessToken } = (await exchangeKey(world, agent.apiKey))!;
    await update(owner, agent.id, { fields: ['expires_at'], settings: { expiresAt: new Date(Date.now() - 1000) } });
    expect(await refusalOf(world, accessToken)).toBe('agent_expired');
  });

  it('is that gateways forget what they know, in the same transaction', async () => {
    const owner = await signUp(world);
    const { id } = await createAgent(world, owner);
    await update(owner, id, { fields: ['scopes'], settings: { scopes: ['a/*'] } });
    const { rows } = await world.owner.query('SELECT key FROM session_invalidations WHERE key = $1', [`agent:${id}`]);
    expect(rows).toHaveLength(1);
  });

  it('is that another certificate ends them, and the same one does not', async () => {
    const owner = await signUp(world);
    const [old, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const agent = await createAgent(world, owner, { authMethod: 'mtls', clientCertFingerprint: old.toString('hex') });
    const { token } = await world.agentLogins.logInWithCertificate({ agentId: agent.id, fingerprint: old }, owner.call);
    const replaceBy = (fingerprint: Buffer) =>
      update(owner, agent.id, {
        fields: ['client_cert_fingerprint'],
        settings: { clientCertFingerprint: fingerprint.toString('hex').toUpperCase() },
      });
    await replaceBy(old);
    expect(await refusalOf(world, token!.accessToken)).toBe('');
    await replaceBy(other);
    expect(await refusalOf(world, token!.accessToken)).toBe('credentials_changed');
  });
});
