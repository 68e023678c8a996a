import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agent, owner } from '../testing/people.js';
import { createVault, grant } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
beforeAll(async () => {
  world = await startVaultWorld();
});
afterAll(() => world.close());

const patternsOf = async (...agents: { orgId: string; agentId: string }[]) =>
  (await world.agentGrants.listGrantedPatterns({ agents }, { requestId: randomUUID() })).agents.map(
    ({ patterns }) => patterns,
  );

describe('the patterns granted to an agent', () => {
  it('are those of its unexpired policies in all vaults, each once, in the order of the agents asked about', async () => {
    const alice = owner(world.keys);
    const { orgId } = alice.caller;
    const [one, other, none] = [agent(world.keys, orgId), agent(world.keys, orgId), agent(world.keys, orgId)];
    const vaults = [await createVault(world, alice), await createVault(world, alice)];
    for (const { id } of vaults) await grant(world, world.keys, alice, id, one, { pattern: 'db/*' });
    await grant(world, world.keys, alice, vaults[0]!.id, one, { pattern: 'a' });
    await grant(world, world.keys, alice, vaults[0]!.id, one, {
      pattern: 'old',
      expiresAt: new Date(Date.now() - 1000),
    });
    await grant(world, world.keys, alice, vaults[1]!.id, other, { pattern: '**' });
    const asked = [none, one, other].map(({ caller }) => ({ orgId, agentId: caller.id }));
    expect(await patternsOf(...asked)).toEqual([[], ['a', 'db/*'], ['**']]);
  });

  it('are none in another org', async () => {
    const alice = owner(world.keys);
    const bot = agent(world.keys, alice.caller.orgId);
    const { id } = await createVault(world, alice);
    await grant(world, world.keys, alice, id, bot);
    expect(await patternsOf({ orgId: randomUUID(), agentId: bot.caller.id })).toEqual([[]]);
  });

  it('are asked for by UUIDs, one at least', async () => {
    await expect(patternsOf()).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(patternsOf({ orgId: 'x', agentId: randomUUID() })).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
