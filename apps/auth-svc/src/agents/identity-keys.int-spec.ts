import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AuthWorld, startAuthWorld } from '../testing/auth-world.js';
import { recordedEvents } from '../testing/events.js';
import { agentCall, createAgent, exchangeKey, refusalOf, signUp } from '../testing/people.js';

let world: AuthWorld;
beforeAll(async () => (world = await startAuthWorld()));
afterAll(() => world.close());

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('rotating identity keys', () => {
  it('answers the agent with new public keys; key and tokens stay', async () => {
    const owner = await signUp(world);
    const { apiKey, ...before } = await createAgent(world, owner);
    const { accessToken } = (await exchangeKey(world, apiKey))!;
    const { agent } = await world.agents.rotateAgentIdentityKeys({ agentId: before.id }, owner.call);
    const kept = world.vault.provisioned.rotated.get(before.id)!;
    expect(agent).toEqual({
      ...before,
      sshPublicKey: kept.ed25519PublicKey,
      ecdhPublicKey: kept.p256PublicKey,
      lastActiveAt: expect.any(Date),
    });
    expect(hex(agent!.sshPublicKey)).not.toBe(hex(before.sshPublicKey));
    expect(await refusalOf(world, accessToken)).toBe('');
    const { audit } = await recordedEvents(world.owner);
    expect(audit.find((event) => event.action === 'agent.rotate_identity_keys')).toMatchObject({
      actorId: owner.id,
      resourceId: before.id,
      details: { generation: 2 },
    });
  });

  it('shows what vault-svc keeps after twenty parallel rotations on two replicas', async () => {
    const replica = await world.startReplica();
    const owner = await signUp(world);
    const { id } = await createAgent(world, owner);
    const rotate = (index: number) =>
      (index % 2 ? world : replica).agents.rotateAgentIdentityKeys({ agentId: id }, owner.call);
    await Promise.all(Array.from({ length: 20 }, (_, index) => rotate(index)));
    const { agent } = await world.agents.getAgent({ agentId: id }, owner.call);
    expect(hex(agent!.sshPublicKey)).toBe(hex(world.vault.provisioned.rotated.get(id)!.ed25519PublicKey));
  });

  it('that was interrupted is completed by the next one, which makes no more keys', async () => {
    const owner = await signUp(world);
    const { id } = await createAgent(world, owner);
    const { provisioned } = world.vault;
    provisioned.losesAnswers = true;
    const rotation = world.agents.rotateAgentIdentityKeys({ agentId: id }, owner.call);
    await expect(rotation).rejects.toMatchObject({ code: 'unavailable' });
    provisioned.losesAnswers = false;
    const { agent } = await world.agents.rotateAgentIdentityKeys({ agentId: id }, owner.call);
    expect(provisioned.rotated.get(id)!.generation).toBe(2);
    expect(hex(agent!.sshPublicKey)).toBe(hex(provisioned.rotated.get(id)!.ed25519PublicKey));
  });

  it('is for people who manage the agent', async () => {
    const [owner, stranger] = [await signUp(world), await signUp(world)];
    const agent = await createAgent(world, owner);
    const rotate = (call: typeof owner.call) => world.agents.rotateAgentIdentityKeys({ agentId: agent.id }, call);
    await expect(rotate(stranger.call)).rejects.toMatchObject({ code: 'not_found' });
    await expect(rotate(await agentCall(world, agent.apiKey))).rejects.toMatchObject({ code: 'permission_denied' });
  });
});
