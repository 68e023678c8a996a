import { z } from 'zod';
import { pageQuery, uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { createVaultRequest, vaultListResponse, vaultResponse } from './vaults.schemas.js';

const params = z.object({ vault_id: uuid() });
const resource = { resource: 'vault', idFrom: 'vault_id' };

export const createVault = defineOperation({
  id: 'createVault',
  method: 'POST',
  path: '/v1/vaults',
  tag: 'Vaults',
  summary: 'Make a vault',
  description: 'Its key is generated inside the HSM. How many vaults an org may have depends on its plan.',
  access: { users: true, agents: false },
  keyScope: 'vaults:write',
  audit: { action: 'vault.create', resource: 'vault' },
  body: createVaultRequest,
  answer: { status: 201, description: 'The new vault.', schema: vaultResponse },
});

export const listVaults = defineOperation({
  id: 'listVaults',
  method: 'GET',
  path: '/v1/vaults',
  tag: 'Vaults',
  summary: 'List vaults',
  description:
    'Oldest first. Owners and admins see all vaults of the org, members those they made or were granted, agents those they were granted.',
  access: { users: true, agents: true },
  keyScope: 'vaults:read',
  audit: { action: 'vault.list', resource: 'vault' },
  query: z.object(pageQuery),
  answer: { status: 200, description: 'The vaults that the caller may see.', schema: vaultListResponse },
});

export const getVault = defineOperation({
  id: 'getVault',
  method: 'GET',
  path: '/v1/vaults/:vault_id',
  tag: 'Vaults',
  summary: 'Get a vault',
  access: { users: true, agents: true },
  keyScope: 'vaults:read',
  audit: { action: 'vault.read', ...resource },
  params,
  answer: { status: 200, description: 'The vault.', schema: vaultResponse },
  refusals: [404],
});

export const deleteVault = defineOperation({
  id: 'deleteVault',
  method: 'DELETE',
  path: '/v1/vaults/:vault_id',
  tag: 'Vaults',
  summary: 'Delete a vault',
  description: 'Destroys the key of the vault, and with it every version of every secret in it. There is no way back.',
  access: { users: true, agents: false },
  keyScope: 'vaults:write',
  audit: { action: 'vault.delete', ...resource },
  params,
  answer: { status: 204, description: 'The vault and all it held are gone.' },
  refusals: [404],
});
