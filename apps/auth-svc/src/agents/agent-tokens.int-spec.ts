import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NIL_UUID } from '@oneclaw/events';
import { decodeJwt } from 'jose';
import { AUDIENCE, type AuthWorld, ISSUER, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { anonymous, createAgent, exchangeKey, refusalOf, signUp } from '../testing/people.js';
import { newAgentKey } from './agent-key.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

const item = (apiKey: string, agentId?: string) => ({
  apiKey,
  agentId,
  ipAddress: '198.51.100.4',
  requestId: randomUUID(),
});

describe('exchanging an agent key', () => {
  it('answers a token with exactly the claims of an agent', async () => {
    const owner = await signUp(world);
    const vaultIds = [randomUUID()];
    const agent = await createAgent(world, owner, {
      scopes: ['a/*', 'tx:sign'],
      vaultIds,
      intentsApiEnabled: true,
      tokenTtlSeconds: 120,
    });
    const result = (await exchangeKey(world, agent.apiKey))!;
    expect(result).toMatchObject({ agentId: agent.id, vaultIds, token: { expiresInSeconds: 120 } });
    const claims = decodeJwt(result.accessToken);
    expect(claims).toEqual({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: `agent:${agent.id}`,
      org: owner.orgId,
      iat: expect.any(Number),
      exp: claims.iat! + 120,
      jti: expect.any(String),
      scopes: ['a/*', 'tx:sign'],
      vault_ids: vaultIds,
      intents_api_enabled: true,
    });
    expect(await refusalOf(world, result.accessToken)).toBe('');
  });

  it('shows the patterns of its policies where the agent has no scopes of its own, as many as fit into a header', async () => {
    const owner = await signUp(world);
    const [plain, scoped, rich] = [
      await createAgent(world, owner),
      await createAgent(world, owner, { scopes: ['tx:sign'] }),
      await createAgent(world, owner),
    ];
    for (const { id } of [plain, scoped]) world.vault.granted.set(id, ['db/*', 'x']);
    world.vault.granted.set(
      rich.id,
      Array.from({ length: 100 }, (_, index) => `${index}/${'p'.repeat(97)}`.slice(0, 100)),
    );
    const { results } = await world.agentTokens.exchangeAgentKeys(
      { exchanges: [plain, scoped, rich].map(({ apiKey }) => item(apiKey)) },
      anonymous(),
    );
    const scopes = results.map(({ token }) => decodeJwt(token!.accessToken)['scopes'] as string[]);
    expect(scopes.slice(0, 2)).toEqual([['db/*', 'x'], ['tx:sign']]);
    expect(scopes[2]).toHaveLength(20);
  });

  it('lives an hour by default and notes when the agent was last active', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const before = Date.now();
    expect((await exchangeKey(world, agent.apiKey))!.token!.expiresInSeconds).toBe(3600);
    const { lastActiveAt } = (await world.agents.getAgent({ agentId: agent.id }, owner.call)).agent!;
    expect(lastActiveAt!.getTime()).toBeGreaterThanOrEqual(before - 1000);
  });

  it('answers a batch in order with one call each for MACs and signatures, refusing alike whatever is wrong', async () => {
    const owner = await signUp(world);
    const [good, other, inactive, expired] = await Promise.all([1, 2, 3, 4].map(() => createAgent(world, owner)));
    await world.agents.deactivateAgent({ agentId: inactive!.id }, owner.call);
    await world.owner.query(`UPDATE agents SET expires_at = now() - interval '1 second' WHERE id = $1`, [expired!.id]);
    const exchanges = [
      item(good!.apiKey, good!.id.toUpperCase()),
      item(newAgentKey()),
      item(newAgentKey(), good!.id),
      item(good!.apiKey, other!.id),
      item(good!.apiKey, 'not-a-uuid'),
      item('ocv_short', good!.id),
      item('', undefined),
      item(inactive!.apiKey),
      item(expired!.apiKey, expired!.id),
      item(`${good!.apiKey}A`),
      item(other!.apiKey),
    ];
    const calls = { ...world.crypto.keys.calls };
    const { results } = await world.agentTokens.exchangeAgentKeys({ exchanges }, anonymous());
    expect(results.map((result) => result.agentId)).toEqual([good!.id, '', '', '', '', '', '', '', '', '', other!.id]);
    const refused = { accepted: false, token: undefined, agentId: '', vaultIds: [] };
    for (const result of results.slice(1, 10)) expect(result).toEqual(refused);
    expect(world.crypto.keys.calls).toMatchObject({
      mac: calls.mac + 1,
      sign: calls.sign + 1,
      signed: calls.signed + 2,
    });
    const { audit, raw } = await recordedEvents(world.owner);
    const reasons = exchanges.map(({ requestId }) => {
      const [event, ...more] = audit.filter((each) => each.requestId === requestId);
      expect(more).toEqual([]);
      return [event!.action, event!.orgId === owner.orgId, event!.resourceId, event!.details['reason']];
    });
    const success = ['auth.success', true, expect.any(String), undefined];
    expect(reasons).toEqual([
      success,
      ['auth.failure', false, '', 'unknown_key'],
      ['auth.failure', true, good!.id, 'unknown_key'],
      ['auth.failure', true, other!.id, 'key_of_another_agent'],
      ['auth.failure', false, '', 'key_of_another_agent'],
      ['auth.failure', true, good!.id, 'unknown_key'],
      ['auth.failure', false, '', 'unknown_key'],
      ['auth.failure', true, inactive!.id, 'inactive_or_expired'],
      ['auth.failure', true, expired!.id, 'inactive_or_expired'],
      ['auth.failure', false, '', 'unknown_key'],
      success,
    ]);
    expect(audit.find((event) => event.requestId === exchanges[1]!.requestId)).toMatchObject({
      orgId: NIL_UUID,
      actorType: 'anonymous',
      ipAddress: '198.51.100.4',
    });
    for (const { apiKey } of exchanges) if (apiKey !== '') expect(raw.includes(apiKey)).toBe(false);
  });

  it('serves many exchanges of one agent at once, from several replicas', async () => {
    const owner = await signUp(world);
    const agent = await createAgent(world, owner);
    const replica = await world.startReplica();
    const batches = Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? world : replica).agentTokens.exchangeAgentKeys(
        { exchanges: Array.from({ length: 10 }, () => item(agent.apiKey)) },
        anonymous(),
      ),
    );
    const results = (await Promise.all(batches)).flatMap((batch) => batch.results);
    expect(results).toHaveLength(200);
    expect(new Set(results.map((result) => result.token!.accessToken)).size).toBe(200);
  });

  it('hands out nothing when the event cannot be committed', async () => {
    const agent = await createAgent(world, await signUp(world));
    await world.owner.query(`REVOKE INSERT ON outbox FROM ${world.database.name}`);
    await expect(exchangeKey(world, agent.apiKey)).rejects.toMatchObject({ code: 'unavailable' });
    await world.owner.query(`GRANT INSERT ON outbox TO ${world.database.name}`);
    const { rows } = await world.owner.query('SELECT FROM sessions WHERE principal_id = $1', [agent.id]);
    expect(rows).toEqual([]);
  });

  it('is refused without exchanges and with too many', async () => {
    await expect(world.agentTokens.exchangeAgentKeys({ exchanges: [] }, anonymous())).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    const exchanges = Array.from({ length: 501 }, () => item('x'));
    await expect(world.agentTokens.exchangeAgentKeys({ exchanges }, anonymous())).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });
});
