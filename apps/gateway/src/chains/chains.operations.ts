import { z } from 'zod';
import { platform } from '../admin/access.js';
import { text } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { chainListResponse, chainResponse, createChainRequest, updateChainRequest } from './chains.schemas.js';

const tag = 'Chains';
const identifier = text(64, 'The UUID, the chain id or the name.');

export const listChains = defineOperation({
  id: 'listChains',
  method: 'GET',
  path: '/v1/chains',
  tag,
  summary: 'List the chains that are enabled',
  description: 'In the order of their chain ids. URLs of nodes only where they are public.',
  access: 'public',
  answer: { status: 200, description: 'The chains.', schema: chainListResponse },
});

export const getChain = defineOperation({
  id: 'getChain',
  method: 'GET',
  path: '/v1/chains/:identifier',
  tag,
  summary: 'Get a chain that is enabled',
  access: 'public',
  params: z.object({ identifier }),
  answer: { status: 200, description: 'The chain.', schema: chainResponse },
  refusals: [400, 404],
});

export const adminListChains = defineOperation({
  id: 'adminListChains',
  method: 'GET',
  path: '/v1/admin/chains',
  tag,
  summary: 'List all chains, with the URLs of their nodes',
  access: platform,
  audit: { action: 'admin.list_chains', resource: 'chain' },
  answer: { status: 200, description: 'The chains.', schema: chainListResponse },
});

export const createChain = defineOperation({
  id: 'createChain',
  method: 'POST',
  path: '/v1/admin/chains',
  tag,
  summary: 'Add a chain',
  access: platform,
  audit: { action: 'admin.create_chain', resource: 'chain' },
  body: createChainRequest,
  answer: { status: 201, description: 'The chain.', schema: chainResponse },
  refusals: [409],
});

export const updateChain = defineOperation({
  id: 'updateChain',
  method: 'PUT',
  path: '/v1/admin/chains/:chain_id',
  tag,
  summary: 'Change a chain',
  description: 'What is left out stays. Its name and its chain id do not change.',
  access: platform,
  audit: { action: 'admin.update_chain', resource: 'chain', idFrom: 'chain_id' },
  params: z.object({ chain_id: identifier }),
  body: updateChainRequest,
  answer: { status: 200, description: 'The chain as it is now.', schema: chainResponse },
  refusals: [404],
});

export const deleteChain = defineOperation({
  id: 'deleteChain',
  method: 'DELETE',
  path: '/v1/admin/chains/:chain_id',
  tag,
  summary: 'Remove a chain',
  access: platform,
  audit: { action: 'admin.delete_chain', resource: 'chain', idFrom: 'chain_id' },
  params: z.object({ chain_id: identifier }),
  answer: { status: 204, description: 'The chain is gone.' },
  refusals: [404],
});
