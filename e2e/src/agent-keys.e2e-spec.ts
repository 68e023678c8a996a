import { createECDH, createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Owner } from './world.js';
import { grant, logIn, newAgent, newOwner, newVault, registerAgent, secretUrl } from './world.js';
import type { Secret, SecretList, Vault } from './types.js';

/** RFC 8410: what precedes the 32 bytes of an Ed25519 private key in PKCS#8. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

function ed25519PublicKey(privateKey: Buffer): Buffer {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, privateKey]), format: 'der', type: 'pkcs8' });
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
}

function p256PublicKey(privateKey: Buffer): Buffer {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(privateKey);
  return ecdh.getPublicKey(null, 'uncompressed');
}

async function keyVault({ api }: Owner): Promise<Vault> {
  const { vaults } = (await api.get('/v1/vaults')).as<{ vaults: Vault[] }>(200);
  const found = vaults.find((vault) => vault.name === '__agent-keys');
  if (!found) throw new Error('There is no __agent-keys vault.');
  return found;
}

describe('the key pairs of an agent', () => {
  it('are published as a raw Ed25519 point and an uncompressed P-256 point', async () => {
    const { record } = await registerAgent(await newOwner());
    expect(Buffer.from(record.ssh_public_key, 'base64')).toHaveLength(32);
    const point = Buffer.from(record.ecdh_public_key, 'base64');
    expect(point).toHaveLength(65);
    expect(point[0]).toBe(4);
  });

  it('have private halves that an agent reads once a policy lets it, and that match the public ones', async () => {
    const owner = await newOwner();
    const agent = await newAgent(owner);
    const vault = await keyVault(owner);
    const [ssh, ecdh] = ['ssh', 'ecdh'].map((kind) => secretUrl(vault, `agents/${agent.id}/${kind}/private_key`));
    (await agent.api.get(ssh ?? '')).refused(403);
    await grant(owner, agent.id, { vault, pattern: `agents/${agent.id}/**` });
    const read = async (url = ''): Promise<Buffer> => {
      const secret = (await agent.api.get(url)).as<Secret>(200);
      expect(secret.type).toBe('private_key');
      return Buffer.from(secret.value, 'base64');
    };
    const [signing, agreement] = [await read(ssh), await read(ecdh)];
    expect(signing).toHaveLength(32);
    expect(agreement).toHaveLength(32);
    expect(ed25519PublicKey(signing).toString('base64')).toBe(agent.record.ssh_public_key);
    expect(p256PublicKey(agreement).toString('base64')).toBe(agent.record.ecdh_public_key);
  });

  it('differ from agent to agent', async () => {
    const owner = await newOwner();
    const [one, other] = [await registerAgent(owner), await registerAgent(owner)];
    expect(one.record.ssh_public_key).not.toBe(other.record.ssh_public_key);
    expect(one.record.ecdh_public_key).not.toBe(other.record.ecdh_public_key);
  });

  it('are withheld from an agent of the Intents API whatever its policies', async () => {
    const owner = await newOwner();
    const agent = await registerAgent(owner, { intents_api_enabled: true });
    const vault = await keyVault(owner);
    await grant(owner, agent.id, { vault, pattern: '**' });
    const { api } = await logIn(agent, owner.api);
    (await api.get(secretUrl(vault, `agents/${agent.id}/ssh/private_key`))).refused(403);
  });
});

describe('the vault __agent-keys', () => {
  it('exists from the first agent on, belongs to the system and is shown last', async () => {
    const owner = await newOwner();
    const names = async (): Promise<string[]> =>
      (await owner.api.get('/v1/vaults')).as<{ vaults: Vault[] }>(200).vaults.map((vault) => vault.name);
    expect(await names()).toEqual([]);
    await registerAgent(owner);
    await newVault(owner, { name: 'later' });
    expect(await names()).toEqual(['later', '__agent-keys']);
    expect(await keyVault(owner)).toMatchObject({ created_by_type: 'system' });
  });

  it('is one, also when the first agents of an org are registered at once', async () => {
    const owner = await newOwner();
    const agents = await Promise.all(Array.from({ length: 4 }, () => registerAgent(owner)));
    const { vaults } = (await owner.api.get('/v1/vaults')).as<{ vaults: Vault[] }>(200);
    expect(vaults).toHaveLength(1);
    const self = { vault: vaults[0] as Vault, pattern: '**' };
    const policy = { secret_path_pattern: '**', principal_type: 'user', principal_id: owner.id, permissions: ['read'] };
    (await owner.api.post(`/v1/vaults/${self.vault.id}/policies`, policy)).as(201);
    const { secrets } = (await owner.api.get(`/v1/vaults/${self.vault.id}/secrets`)).as<SecretList>(200);
    expect(secrets.map((secret) => secret.path).sort()).toEqual(
      agents.flatMap(({ id }) => [`agents/${id}/ecdh/private_key`, `agents/${id}/ssh/private_key`]).sort(),
    );
  });

  it('knows no bypass for the owner, who reads it only through a policy', async () => {
    const owner = await newOwner();
    const agent = await registerAgent(owner);
    const vault = await keyVault(owner);
    const url = secretUrl(vault, `agents/${agent.id}/ssh/private_key`);
    (await owner.api.get(url)).refused(403);
    const policy = { secret_path_pattern: '**', principal_type: 'user', principal_id: owner.id, permissions: ['read'] };
    (await owner.api.post(`/v1/vaults/${vault.id}/policies`, policy)).as(201);
    (await owner.api.get(url)).as<Secret>(200);
  });

  it('can be neither written, emptied nor deleted by callers, whatever policies say', async () => {
    const owner = await newOwner();
    const agent = await newAgent(owner);
    const vault = await keyVault(owner);
    await grant(owner, agent.id, { vault, pattern: '**', permissions: ['read', 'write', 'delete'] });
    const url = secretUrl(vault, `agents/${agent.id}/ssh/private_key`);
    for (const { api } of [owner, agent]) {
      (await api.put(url, { value: 'mine' })).refused(403);
      (await api.put(secretUrl(vault, 'new'), { value: 'mine' })).refused(403);
      (await api.delete(url)).refused(403);
      (await api.delete(`/v1/vaults/${vault.id}`)).refused(403);
    }
    (await agent.api.get(url)).as<Secret>(200);
  });
});
