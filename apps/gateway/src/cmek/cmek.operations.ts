import { z } from 'zod';
import { uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { vaultResponse } from '../vaults/vaults.schemas.js';
import { cmekRotationJobResponse, enableCmekRequest, rotateCmekRequest, rotationKeys } from './cmek.schemas.js';

const params = z.object({ vault_id: uuid() });
const resource = { resource: 'vault', idFrom: 'vault_id' };
const managers = 'For the vault’s creator, and owners and admins of the org.';

export const enableCmek = defineOperation({
  id: 'enableCmek',
  method: 'POST',
  path: '/v1/vaults/:vault_id/cmek',
  tag: 'CMEK',
  summary: 'Put a vault under a key of your own',
  description: `From now on values are encrypted before they are sent, with AES-256-GCM: base64 of \`0x01\`, a 12-byte IV, the ciphertext and its 16-byte tag. They are answered as they were sent. The key itself is never sent. Needs the business or enterprise plan. ${managers}`,
  access: { users: true, agents: false },
  keyScope: 'vaults:write',
  audit: { action: 'cmek.enable', ...resource },
  admission: true,
  params,
  body: enableCmekRequest,
  answer: { status: 200, description: 'The vault.', schema: vaultResponse },
  refusals: [404, 409],
});

export const disableCmek = defineOperation({
  id: 'disableCmek',
  method: 'DELETE',
  path: '/v1/vaults/:vault_id/cmek',
  tag: 'CMEK',
  summary: 'Take a vault from under a key of your own',
  description: `What was encrypted stays so, and still needs the key. ${managers}`,
  access: { users: true, agents: false },
  keyScope: 'vaults:write',
  audit: { action: 'cmek.disable', ...resource },
  params,
  answer: { status: 200, description: 'The vault.', schema: vaultResponse },
  refusals: [404, 409],
});

export const rotateCmek = defineOperation({
  id: 'rotateCmek',
  method: 'POST',
  path: '/v1/vaults/:vault_id/cmek-rotate',
  tag: 'CMEK',
  summary: 'Move a vault from one key of your own to another',
  description: `Every version under the old key is encrypted anew with the new one, in the background, while reads and writes go on: values that are written meanwhile may be under either key. The keys are used inside crypto-svc alone, and stored nowhere. When the job was interrupted or has failed, the same call goes on with it. Needs the business or enterprise plan. ${managers}`,
  access: { users: true, agents: false },
  keyScope: 'vaults:write',
  audit: { action: 'cmek.rotate', ...resource },
  admission: true,
  params,
  headers: rotationKeys,
  body: rotateCmekRequest,
  answer: { status: 202, description: 'The job, running.', schema: cmekRotationJobResponse },
  refusals: [404, 409],
});

export const getCmekRotationJob = defineOperation({
  id: 'getCmekRotationJob',
  method: 'GET',
  path: '/v1/vaults/:vault_id/cmek-rotate/:job_id',
  tag: 'CMEK',
  summary: 'See how moving a vault to another key goes',
  description: managers,
  access: { users: true, agents: false },
  keyScope: 'vaults:read',
  audit: { action: 'vault.read', ...resource },
  params: params.extend({ job_id: uuid() }),
  answer: { status: 200, description: 'The job.', schema: cmekRotationJobResponse },
  refusals: [404],
});
