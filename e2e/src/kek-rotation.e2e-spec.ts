import { describe, expect, it } from '@jest/globals';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { trailWith } from './trail.js';
import type { KekRotation, Secret } from './types.js';
import { newAgent, newApiKey, newOwner, newOwnerWithVault, secretUrl } from './world.js';

const ENDS_MS = 20_000;

const urlOf = (vault: { id: string }): string => `/v1/vaults/${vault.id}/rotate-kek`;

async function ended(api: Api, vault: { id: string }): Promise<KekRotation> {
  const { value } = await eventually('the rotation ends', ENDS_MS, async () => {
    const rotation = (await api.get(urlOf(vault))).as<KekRotation>(200);
    return rotation.status === 'running' ? undefined : rotation;
  });
  return value;
}

describe('replacing the key of a vault', () => {
  it('answers a running rotation, and in the end everything reads as before', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const versions = ['first', 'second 🔑', ''];
    for (const value of versions) (await owner.api.put(secretUrl(vault, 'a/b'), { value })).as(201);
    (await owner.api.get(urlOf(vault))).refused(404);

    const started = (await owner.api.post(urlOf(vault))).as<KekRotation>(202);
    expect(started).toMatchObject({ vault_id: vault.id, status: 'running', total_versions: 3, damaged: 0 });
    const done = await ended(owner.api, vault);
    expect(done).toMatchObject({ id: started.id, status: 'completed', total_versions: 3, rewrapped: 3, damaged: 0 });
    expect(Date.parse(done.completed_at ?? '')).toBeGreaterThanOrEqual(Date.parse(done.created_at));

    for (const [index, value] of versions.entries()) {
      const read = await owner.api.get(`${secretUrl(vault, 'a/b')}?version=${index + 1}`);
      expect(read.as<Secret>(200).value).toBe(value);
    }
    const rotations = (await trailWith(owner.api, ({ details }) => details['status'] === 'completed')).filter(
      ({ action }) => action === 'vault.rotate_kek',
    );
    expect(rotations.map(({ actor_type, details }) => [actor_type, details['rotation_id'], details['status']])).toEqual(
      [
        ['system', started.id, 'completed'],
        ['user', started.id, 'running'],
      ],
    );
  });

  it('is not for agents, and asks keys for the area of vaults', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await newAgent(owner, [{ vault, pattern: '**', permissions: ['read', 'write'] }]);
    const { api_key } = await newApiKey(owner, { scopes: ['vaults:read'] });
    for (const barred of [agent.api, owner.api.as(api_key)]) (await barred.post(urlOf(vault))).refused(403);
    (await agent.api.get(urlOf(vault))).refused(403);
    (await owner.api.as(api_key).get(urlOf(vault))).refused(404);
    const stranger = await newOwner();
    (await stranger.api.post(urlOf(vault))).refused(404);
    (await stranger.api.get(urlOf(vault))).refused(404);
  });

  it('of no vault is 400 or 404', async () => {
    const { api } = await newOwner();
    (await api.post('/v1/vaults/none/rotate-kek')).invalid('vault_id');
    (await api.post('/v1/vaults/00000000-0000-7000-8000-000000000000/rotate-kek')).refused(404);
  });
});
