import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { by, trailWith } from './trail.js';
import type { Agent, Secret, Vault } from './types.js';
import {
  gateways,
  grant,
  newAgent,
  newOwner,
  type Owner,
  registerAgent,
  secretUrl,
  type WorkingAgent,
} from './world.js';

/** RFC 8410: what precedes the 32 bytes of an Ed25519 private key in PKCS#8. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

const rotate = ({ api }: Owner, id: string, at = api) => at.post(`/v1/agents/${id}/rotate-identity-keys`);

/** What the private half in the vault says the public one must be. */
async function publicHalfOf(owner: Owner, agent: WorkingAgent, version?: number): Promise<string> {
  const { vaults } = (await owner.api.get('/v1/vaults')).as<{ vaults: Vault[] }>(200);
  const vault = vaults.find(({ name }) => name === '__agent-keys') as Vault;
  await grant(owner, agent.id, { vault, pattern: `agents/${agent.id}/**` });
  const url = secretUrl(vault, `agents/${agent.id}/ssh/private_key`) + (version ? `?version=${version}` : '');
  const { value } = (await agent.api.get(url)).as<Secret>(200);
  const der = Buffer.concat([PKCS8_PREFIX, Buffer.from(value, 'base64')]);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
}

describe('POST /v1/agents/:id/rotate-identity-keys', () => {
  it('answers the agent with new public keys, whose private halves are new versions; tokens and key live on', async () => {
    const owner = await newOwner();
    const agent = await newAgent(owner);
    const rotated = (await rotate(owner, agent.id)).as<Agent>(200);
    expect(rotated).toEqual({
      ...agent.record,
      ssh_public_key: rotated.ssh_public_key,
      ecdh_public_key: rotated.ecdh_public_key,
      last_active_at: rotated.last_active_at,
    });
    expect(rotated.ssh_public_key).not.toBe(agent.record.ssh_public_key);
    expect(rotated.ecdh_public_key).not.toBe(agent.record.ecdh_public_key);
    expect(await publicHalfOf(owner, agent)).toBe(rotated.ssh_public_key);
    expect(await publicHalfOf(owner, agent, 1)).toBe(agent.record.ssh_public_key);
    (await agent.api.get('/v1/agents/me')).as(200);
    await trailWith(owner.api, by('agent.rotate_identity_keys'));
  });

  it('leaves public and private halves matching after ten at once through two gateways', async () => {
    const owner = await newOwner();
    const agent = await newAgent(owner);
    const at = gateways();
    const calls = Array.from({ length: 10 }, (_, index) =>
      rotate(owner, agent.id, at[index % at.length]?.as(owner.api.token)),
    );
    for (const answer of await Promise.all(calls)) answer.as<Agent>(200);
    const { ssh_public_key } = (await owner.api.get(`/v1/agents/${agent.id}`)).as<Agent>(200);
    expect(await publicHalfOf(owner, agent)).toBe(ssh_public_key);
  });

  it('is refused to agents and strangers', async () => {
    const [owner, other] = [await newOwner(), await newOwner()];
    const agent = await newAgent(owner);
    (await agent.api.post(`/v1/agents/${agent.id}/rotate-identity-keys`)).refused(403);
    (await rotate(other, agent.id)).refused(404);
    (await rotate(owner, randomUUID())).refused(404);
    (await rotate(owner, 'nonsense')).refused(400);
    expect((await owner.api.get(`/v1/agents/${agent.id}`)).as<Agent>(200).ssh_public_key).toBe(
      (await registerAgent(owner), agent.record.ssh_public_key),
    );
  });
});
