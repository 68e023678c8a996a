import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CreateAgentRequest } from '@oneclaw/contracts/auth';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import {
  agentCall,
  anonymous,
  createAgent,
  exchangeKey,
  type Human,
  human,
  PASSWORD,
  refusalOf,
  signUp,
} from '../testing/people.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

/** Somebody else in the same org. */
async function colleague(of: Human, role: string): Promise<Human> {
  const email = `${randomUUID()}@example.com`;
  const { id } = await signUp(world, email);
  await world.owner.query('UPDATE memberships SET org_id = $1, role = $2 WHERE user_id = $3', [of.orgId, role, id]);
  const { token } = await world.accounts.logIn({ email, password: PASSWORD }, anonymous());
  return human(world, token!.accessToken);
}

const denied = { code: 'permission_denied' };

describe('creating an agent', () => {
  it('answers the agent with a key that is stored only as a MAC', async () => {
    const owner = await signUp(world);
    const vaultId = randomUUID();
    const expiresAt = new Date('2031-02-03T04:05:06.789Z');
    const fields = {
      name: 'deploy robot',
      description: 'ships\nthings',
      scopes: ['prod/**', 'tx:sign'],
      expiresAt,
      intentsApiEnabled: true,
      txToAllowlist: ['0x' + 'aB'.repeat(20)],
      txMaxValueEth: '0.50',
      txDailyLimitEth: '10',
      txAllowedChains: ['base', '1'],
      tokenTtlSeconds: 600,
      vaultIds: [vaultId.toUpperCase()],
      shroudEnabled: true,
      shroudConfigJson: '{"b":1,"a":[]}',
    };
    const { agent, apiKey } = await world.agents.createAgent(fields, owner.call);
    expect(agent).toEqual({
      ...fields,
      vaultIds: [vaultId],
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/),
      authMethod: 'api_key',
      isActive: true,
      clientCertFingerprint: undefined,
      oidcIssuer: undefined,
      oidcClientId: undefined,
      sshPublicKey: expect.any(Uint8Array),
      ecdhPublicKey: expect.any(Uint8Array),
      createdAt: expect.any(Date),
      lastActiveAt: undefined,
      orgId: owner.orgId,
      createdBy: owner.id,
    });
    expect([agent!.sshPublicKey.length, agent!.ecdhPublicKey.length]).toEqual([32, 65]);
    expect(apiKey).toMatch(/^ocv_[A-Za-z0-9_-]{43}$/);
    const { rows } = await world.owner.query('SELECT a::text AS row FROM agents a WHERE id = $1', [agent!.id]);
    expect(rows[0].row).toContain(apiKey!.slice(0, 12));
    expect(rows[0].row).not.toContain(apiKey!.slice(12));
    expect(world.vault.provisioned.calls.at(-1)).toEqual({
      orgId: owner.orgId,
      agentId: agent!.id,
      callerId: owner.id,
    });
  });

  it('leaves one audit event and one identity event', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const { audit, identity, raw } = await recordedEvents(world.owner);
    expect(audit.filter((event) => event.resourceId === agent.id)).toEqual([
      expect.objectContaining({
        orgId: owner.orgId,
        actorType: 'user',
        actorId: owner.id,
        action: 'agent.register',
        details: { name: 'robot', auth_method: 'api_key' },
        requestId: owner.call.requestId,
      }),
    ]);
    expect(identity.filter((event) => event.subjectId === agent.id).map((event) => event.kind)).toEqual([
      'agent.created',
    ]);
    expect(raw.includes(agent.apiKey)).toBe(false);
  });

  it.each<[string, Partial<CreateAgentRequest>]>([
    ['mtls', { authMethod: 'mtls', clientCertFingerprint: 'AB'.repeat(32) }],
    ['oidc', { authMethod: 'oidc_client_credentials', oidcIssuer: 'https://issuer.test/realm', oidcClientId: 'robot' }],
  ])('gives no key to an agent of %s, and rotating it is a conflict', async (_method, fields) => {
    const owner = await signUp(world);
    const { agent, apiKey } = await world.agents.createAgent({ name: 'robot', ...fields }, owner.call);
    expect(apiKey).toBeUndefined();
    expect(agent).toMatchObject({
      ...fields,
      ...(fields.clientCertFingerprint ? { clientCertFingerprint: 'ab'.repeat(32) } : {}),
    });
    await expect(world.agents.rotateAgentKey({ agentId: agent!.id }, owner.call)).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('makes nothing when the keys cannot be provisioned', async () => {
    const owner = await signUp(world);
    world.vault.provisioned.broken = true;
    await expect(world.agents.createAgent({ name: 'robot' }, owner.call)).rejects.toMatchObject({
      code: 'unavailable',
    });
    world.vault.provisioned.broken = false;
    expect((await world.agents.listAgents({}, owner.call)).agents).toEqual([]);
  });

  it('is for humans', async () => {
    const agent = await createAgent(world, await signUp(world));
    const call = await agentCall(world, agent.apiKey);
    await expect(world.agents.createAgent({ name: 'child' }, call)).rejects.toMatchObject(denied);
    await expect(world.agents.listAgents({}, call)).rejects.toMatchObject(denied);
    await expect(world.agents.createAgent({ name: 'child' }, anonymous())).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });
});

describe('who may do what with an agent', () => {
  it('is: its creator, admins and owners everything; other members nothing, which is audited', async () => {
    const owner = await signUp(world);
    const [admin, maker, other] = [
      await colleague(owner, 'admin'),
      await colleague(owner, 'member'),
      await colleague(owner, 'member'),
    ];
    const { id } = await createAgent(world, maker);
    for (const allowed of [owner, admin, maker]) {
      expect((await world.agents.getAgent({ agentId: id }, allowed.call)).agent!.id).toBe(id);
      expect((await world.agents.listAgents({}, allowed.call)).agents.map((agent) => agent.id)).toEqual([id]);
      await world.agents.rotateAgentKey({ agentId: id }, allowed.call);
    }
    expect((await world.agents.listAgents({}, other.call)).agents).toEqual([]);
    await expect(world.agents.getAgent({ agentId: id }, other.call)).rejects.toMatchObject(denied);
    await expect(world.agents.rotateAgentKey({ agentId: id }, other.call)).rejects.toMatchObject(denied);
    await expect(world.agents.deactivateAgent({ agentId: id }, other.call)).rejects.toMatchObject(denied);
    const { audit } = await recordedEvents(world.owner);
    const refused = audit.filter((event) => event.actorId === other.id && event.details['outcome'] === 'denied');
    expect(refused.map(({ action, resourceId, orgId }) => [action, resourceId, orgId])).toEqual([
      ['agent.read', id, owner.orgId],
      ['agent.rotate_key', id, owner.orgId],
      ['agent.deactivate', id, owner.orgId],
    ]);
  });

  it("is not found for another org, whoever asks, and an agent's own profile for itself only", async () => {
    const [owner, stranger] = [await signUp(world), await signUp(world)];
    const [agent, sibling] = [await createAgent(world, owner), await createAgent(world, owner)];
    const foreign = await createAgent(world, stranger);
    const call = await agentCall(world, agent.apiKey);
    expect((await world.agents.getAgent({ agentId: agent.id.toUpperCase() }, call)).agent!.id).toBe(agent.id);
    expect((await world.agents.getSelf({}, call)).agent).toMatchObject({
      id: agent.id,
      orgId: owner.orgId,
      createdBy: owner.id,
    });
    await expect(world.agents.getAgent({ agentId: sibling.id }, call)).rejects.toMatchObject(denied);
    for (const context of [call, owner.call]) {
      await expect(world.agents.getAgent({ agentId: foreign.id }, context)).rejects.toMatchObject({
        code: 'not_found',
      });
    }
    await expect(world.agents.deactivateAgent({ agentId: foreign.id }, owner.call)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(world.agents.rotateAgentKey({ agentId: agent.id }, call)).rejects.toMatchObject(denied);
    await expect(world.agents.getSelf({}, owner.call)).rejects.toMatchObject(denied);
    await expect(world.agents.getAgent({ agentId: 'x' }, owner.call)).rejects.toMatchObject({
      fields: { agent_id: expect.any(String) },
    });
  });
});

describe('listing agents', () => {
  it('pages through all of them, oldest first', async () => {
    const owner = await signUp(world);
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) made.push((await createAgent(world, owner)).id);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await world.agents.listAgents({ page: { limit: 2, cursor } }, owner.call);
      seen.push(...page.agents.map((agent) => agent.id));
      cursor = page.nextCursor;
    } while (cursor !== '');
    expect(seen).toEqual(made);
    expect((await world.agents.listAgents({}, owner.call)).agents.map((agent) => agent.id)).toEqual(made);
    const badCursor = world.agents.listAgents({ page: { limit: 2, cursor: 'x' } }, owner.call);
    await expect(badCursor).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('rotating a key', () => {
  it('ends the old key and its tokens at once', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const old = (await exchangeKey(world, agent.apiKey))!.accessToken;
    const { apiKey } = await world.agents.rotateAgentKey({ agentId: agent.id }, owner.call);
    expect(await refusalOf(world, old)).toBe('credentials_changed');
    expect(await exchangeKey(world, agent.apiKey)).toBeUndefined();
    const fresh = await exchangeKey(world, apiKey, agent.id);
    expect(await refusalOf(world, fresh!.accessToken)).toBe('');
  });

  it('leaves exactly one working key after twenty parallel rotations', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const rotations = Array.from({ length: 20 }, () => world.agents.rotateAgentKey({ agentId: agent.id }, owner.call));
    const keys = (await Promise.all(rotations)).map((rotation) => rotation.apiKey);
    const exchanged = await Promise.all([agent.apiKey, ...keys].map((key) => exchangeKey(world, key)));
    expect(exchanged.filter((result) => result !== undefined)).toHaveLength(1);
  });

  it('lets no token of the old key live that was exchanged while the key was rotated', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const exchanges = Array.from({ length: 20 }, () => exchangeKey(world, agent.apiKey));
    const rotation = world.agents.rotateAgentKey({ agentId: agent.id }, owner.call);
    const tokens = (await Promise.all(exchanges)).flatMap((result) => (result ? [result.accessToken] : []));
    await rotation;
    for (const token of tokens) expect(await refusalOf(world, token)).toBe('credentials_changed');
  });
});

describe('deactivating an agent', () => {
  it('ends its key and tokens, keeps the record, and leaves its events once', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const { accessToken } = (await exchangeKey(world, agent.apiKey))!;
    await Promise.all(Array.from({ length: 5 }, () => world.agents.deactivateAgent({ agentId: agent.id }, owner.call)));
    expect(await refusalOf(world, accessToken)).toBe('agent_inactive');
    expect(await exchangeKey(world, agent.apiKey)).toBeUndefined();
    expect((await world.agents.getAgent({ agentId: agent.id }, owner.call)).agent).toMatchObject({ isActive: false });
    const { audit, identity } = await recordedEvents(world.owner);
    const events = audit.filter((event) => event.resourceId === agent.id && event.actorType === 'user');
    expect(events.map((event) => event.action)).toEqual(['agent.register', 'agent.deactivate']);
    const kinds = identity.filter((event) => event.subjectId === agent.id).map((event) => event.kind);
    expect(kinds).toEqual(['agent.created', 'agent.deactivated']);
  });

  it('does not revive old tokens when the agent is active again', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const { accessToken } = (await exchangeKey(world, agent.apiKey))!;
    await world.agents.deactivateAgent({ agentId: agent.id }, owner.call);
    await world.owner.query('UPDATE agents SET is_active = true WHERE id = $1', [agent.id]);
    expect(await refusalOf(world, accessToken)).toBe('credentials_changed');
    expect(await exchangeKey(world, agent.apiKey)).toBeDefined();
  });
});
