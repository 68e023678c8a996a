import { randomUUID } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { gateway, newAgent, newOwner, newOwnerWithVault, registerAgent, secretUrl } from './world.js';

const BAD_SECRET = { value: 7 };

describe('the order of refusals', () => {
  it('is: no such route or method, no caller, a caller of the wrong kind, bad input, no permission, not found', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await newAgent(owner);
    const nobody = gateway();
    const url = secretUrl(vault, 'a');
    (await nobody.put('/v1/nothing', BAD_SECRET)).refused(404);
    (await nobody.send('PATCH', url, BAD_SECRET)).refused(405);
    (await nobody.put(url, BAD_SECRET)).refused(401);
    (await agent.api.post('/v1/vaults', BAD_SECRET)).refused(403);
    (await agent.api.put(url, BAD_SECRET)).refused(400);
    (await agent.api.put(url, { value: 'v' })).refused(403);
    (await owner.api.put(secretUrl({ id: randomUUID() }, 'a'), BAD_SECRET)).refused(400);
    (await owner.api.put(secretUrl({ id: randomUUID() }, 'a'), { value: 'v' })).refused(404);
  });

  it("puts bad input before another org's resources, which do not exist", async () => {
    const { owner, vault } = await newOwnerWithVault();
    const { id } = await registerAgent(owner);
    const { api } = await newOwner();
    (await api.post(`/v1/vaults/${vault.id}/policies`, {})).refused(400);
    (await api.get(`${secretUrl(vault, 'a')}?version=x`)).refused(400);
    (await api.get(`/v1/vaults/${vault.id}/secrets?limit=0`)).refused(400);
    (await api.get(`/v1/agents/${id}x`)).refused(400);
    (await api.get(`/v1/agents/${id}`)).refused(404);
  });

  it('is the same for a parameter that is given twice: it is refused, or one of them counts', async () => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    (await owner.api.get(`${secretUrl(vault, 'a')}?version=1&version=2`)).refused(400);
    (await owner.api.get(`/v1/vaults/${vault.id}/secrets?limit=1&limit=2`)).refused(400);
    (await owner.api.get('/v1/audit/events?action=a&action=b')).refused(400);
  });
});
