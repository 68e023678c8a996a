import { z } from 'zod';
import { uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { kekRotationResponse } from './kek-rotations.schemas.js';

const params = z.object({ vault_id: uuid() });
const resource = { resource: 'vault', idFrom: 'vault_id' };

export const rotateKek = defineOperation({
  id: 'rotateKek',
  method: 'POST',
  path: '/v1/vaults/:vault_id/rotate-kek',
  tag: 'Vaults',
  summary: 'Replace the key of a vault',
  description:
    'A new key is generated inside the HSM. What is written from now on is under it; what was written before is moved to it in the background, while reads and writes go on. Then the old key is destroyed. While a rotation is running, a repeated call answers that one. For owners and admins of the org.',
  access: { users: true, agents: false },
  keyScope: 'vaults:write',
  audit: { action: 'vault.rotate_kek', ...resource },
  params,
  answer: { status: 202, description: 'The rotation, running.', schema: kekRotationResponse },
  refusals: [404],
});

export const getKekRotation = defineOperation({
  id: 'getKekRotation',
  method: 'GET',
  path: '/v1/vaults/:vault_id/rotate-kek',
  tag: 'Vaults',
  summary: 'See how replacing the key of a vault goes',
  description: 'The latest rotation; `404` where the vault has never had one. For owners and admins of the org.',
  access: { users: true, agents: false },
  keyScope: 'vaults:read',
  audit: { action: 'vault.read', ...resource },
  params,
  answer: { status: 200, description: 'The latest rotation.', schema: kekRotationResponse },
  refusals: [404],
});
