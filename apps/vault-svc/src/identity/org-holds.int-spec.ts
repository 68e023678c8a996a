import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { owner } from '../testing/people.js';
import { createVault } from '../testing/usage.js';
import { startVaultWorld, type VaultWorld } from '../testing/vault-world.js';

let world: VaultWorld;
beforeAll(async () => (world = await startVaultWorld()));
afterAll(() => world.close());

const call = { requestId: 'a-join' };
const hold = async (orgId: string, holdId: string = randomUUID()) =>
  (await world.orgHolds.holdEmptyOrg({ orgId, holdId }, call)).held;
const release = (orgId: string, holdId: string) => world.orgHolds.releaseOrg({ orgId, holdId }, call);
const held = { code: 'unavailable' };

describe('a hold on an org', () => {
  it('is refused while there is a vault, and had once the vault is deleted', async () => {
    const alice = owner(world.keys);
    const { orgId } = alice.caller;
    const { id } = await createVault(world, alice);
    expect(await hold(orgId)).toBe(false);
    expect(await world.orgHolds.hasVaults({ orgId }, call)).toEqual({ hasVaults: true });
    await world.vaults.deleteVault({ vaultId: id }, alice.call);
    expect(await world.orgHolds.hasVaults({ orgId }, call)).toEqual({ hasVaults: false });
    expect(await hold(orgId)).toBe(true);
  });

  it('does not mind the vault of agent keys', async () => {
    const { orgId } = owner(world.keys).caller;
    await world.agentKeys.provisionAgentKeys({ orgId, agentId: randomUUID() }, call);
    expect(await world.orgHolds.hasVaults({ orgId }, call)).toEqual({ hasVaults: false });
    expect(await hold(orgId)).toBe(true);
  });

  it('keeps vaults from being made in this org and no other, until it is released', async () => {
    const [alice, zoe] = [owner(world.keys), owner(world.keys)];
    const { orgId } = alice.caller;
    const [first, second] = [randomUUID(), randomUUID()];
    expect(await hold(orgId, first)).toBe(true);
    expect(await hold(orgId, first)).toBe(true);
    expect(await hold(orgId, second)).toBe(true);
    await expect(createVault(world, alice)).rejects.toMatchObject(held);
    const provisioning = world.agentKeys.provisionAgentKeys({ orgId, agentId: randomUUID() }, call);
    await expect(provisioning).rejects.toMatchObject(held);
    await createVault(world, zoe);
    await release(orgId, first);
    await expect(createVault(world, alice)).rejects.toMatchObject(held);
    await release(orgId, second);
    await release(orgId, second);
    await createVault(world, alice);
  });

  it('that comes after its release has no effect', async () => {
    const alice = owner(world.keys);
    const { orgId } = alice.caller;
    const holdId = randomUUID();
    await release(orgId, holdId);
    expect(await hold(orgId, holdId)).toBe(false);
    await createVault(world, alice);
  });

  it('and vaults that are made at the same moment never both succeed', async () => {
    const replica = await world.startReplica();
    for (let round = 0; round < 15; round += 1) {
      const alice = owner(world.keys);
      const making = [world, replica, world].map((each) =>
        createVault(each, alice).then(
          () => 'made',
          (error: { code: string }) => error.code,
        ),
      );
      const isHeld = await hold(alice.caller.orgId);
      const made = await Promise.all(making);
      expect(made.every((outcome) => outcome === 'made' || outcome === 'unavailable')).toBe(true);
      if (isHeld) expect(made).not.toContain('made');
      else expect(made).toContain('made');
    }
  });

  it('is of an org and has an id', async () => {
    const ids = { orgId: 'x', holdId: randomUUID() };
    await expect(world.orgHolds.holdEmptyOrg(ids, call)).rejects.toMatchObject({
      fields: { org_id: 'must be a UUID' },
    });
  });
});
