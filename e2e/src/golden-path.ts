import { expect } from '@jest/globals';
import type { Api } from './client.js';
import { by, denied, inChainOrder, trailWith } from './trail.js';
import type { AuditEvent, Profile, Secret, SecretMetadata } from './types.js';
import { grant, logIn, newAgent, newOwner, newVault, registerAgent, secretUrl } from './world.js';

const PATH = 'api-keys/openai';
const VALUE = 'sk-golden';

/** What OneClaw is for, from signing up to the audit trail. Answers the trail, oldest first. */
export async function walkGoldenPath(at: Api): Promise<AuditEvent[]> {
  const owner = await newOwner(at);
  expect((await owner.api.get('/v1/auth/me')).as<Profile>(200)).toMatchObject({ id: owner.id, role: 'owner' });

  const vault = await newVault(owner, { name: 'production' });
  const secret = secretUrl(vault, PATH);
  const put = await owner.api.put(secret, { type: 'api_key', value: VALUE });
  const { id: secretId } = put.as<SecretMetadata>(201);

  const registered = await registerAgent(owner, { name: 'reader' });
  const policy = await grant(owner, registered.id, { vault, pattern: 'api-keys/*' });
  const agent = await logIn(registered, at);
  expect((await agent.api.get(secret)).as<Secret>(200)).toMatchObject({
    id: secretId,
    path: PATH,
    value: VALUE,
    version: 1,
    created_by: `user:${owner.id}`,
  });

  const bystander = await newAgent(owner);
  (await bystander.api.get(secret)).refused(403);
  const stranger = await newOwner(at);
  (await stranger.api.get(secret)).refused(404);

  const read = (event: AuditEvent): boolean => by('secret.read', agent.id)(event) && !denied(event);
  const refused = (event: AuditEvent): boolean => by('secret.read', bystander.id)(event) && denied(event);
  const expected = [
    by('vault.create', owner.id),
    by('secret.write', owner.id),
    by('agent.register', owner.id),
    by('policy.create', owner.id),
    by('auth.success', agent.id),
    read,
    refused,
  ];
  const events = await trailWith(owner.api, ...expected);
  expect(events.find(by('vault.create', owner.id))).toMatchObject({ resource_id: vault.id, actor_type: 'user' });
  expect(events.find(by('policy.create'))).toMatchObject({ resource_id: policy.id });
  expect(events.find(read)).toMatchObject({
    org_id: owner.orgId,
    actor_type: 'agent',
    resource_id: secretId,
    details: { vault_id: vault.id, path: PATH, version: 1 },
  });
  expect(events.filter((event) => event.actor_id === stranger.id)).toEqual([]);
  return inChainOrder(events);
}
