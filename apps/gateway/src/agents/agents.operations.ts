import type { AuditAction } from '@oneclaw/events';
import { z } from 'zod';
import { pageQuery, uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import {
  agentCreatedResponse,
  agentKeyRotatedResponse,
  agentListResponse,
  agentResponse,
  agentSelfResponse,
  createAgentRequest,
  enrollAgentRequest,
  enrollAgentResponse,
  updateAgentRequest,
} from './agents.schemas.js';

const people = { users: true, agents: false } as const;
const params = z.object({ agent_id: uuid() });
const auditAs = (action: AuditAction) => ({ action, resource: 'agent', idFrom: 'agent_id' });

export const createAgent = defineOperation({
  id: 'createAgent',
  method: 'POST',
  path: '/v1/agents',
  tag: 'Agents',
  summary: 'Register an agent',
  description:
    'It gets a signing and an encryption key pair, whose private halves lie in the vault `__agent-keys`. How many agents an org may have depends on its plan.',
  access: people,
  keyScope: 'agents:write',
  audit: { action: 'agent.register', resource: 'agent' },
  body: createAgentRequest,
  answer: { status: 201, description: 'The agent and, this once, its key.', schema: agentCreatedResponse },
});

export const listAgents = defineOperation({
  id: 'listAgents',
  method: 'GET',
  path: '/v1/agents',
  tag: 'Agents',
  summary: 'List agents',
  description: 'Owners and admins see all agents of the org, members those that they registered.',
  access: people,
  keyScope: 'agents:read',
  audit: { action: 'agent.list', resource: 'agent' },
  query: z.object(pageQuery),
  answer: { status: 200, description: 'The agents.', schema: agentListResponse },
});

export const getAgentSelf = defineOperation({
  id: 'getAgentSelf',
  method: 'GET',
  path: '/v1/agents/me',
  tag: 'Agents',
  summary: 'Get the agent that calls',
  access: { users: false, agents: true },
  audit: { action: 'agent.read', resource: 'agent' },
  answer: { status: 200, description: 'The profile of the calling agent.', schema: agentSelfResponse },
});

export const getAgent = defineOperation({
  id: 'getAgent',
  method: 'GET',
  path: '/v1/agents/:agent_id',
  tag: 'Agents',
  summary: 'Get an agent',
  description: 'An agent may get itself only.',
  access: { users: true, agents: 'itself' },
  keyScope: 'agents:read',
  audit: auditAs('agent.read'),
  params,
  answer: { status: 200, description: 'The agent.', schema: agentResponse },
  refusals: [404],
});

export const updateAgent = defineOperation({
  id: 'updateAgent',
  method: 'PATCH',
  path: '/v1/agents/:agent_id',
  tag: 'Agents',
  summary: 'Change an agent',
  description:
    'Fields that are left out stay, `null` clears. What changes binds within a second, also for tokens in use; tokens from before a deactivation stay dead.',
  access: people,
  keyScope: 'agents:write',
  audit: auditAs('agent.update'),
  params,
  body: updateAgentRequest,
  answer: { status: 200, description: 'The agent as it is now.', schema: agentResponse },
  refusals: [404],
});

export const deleteAgent = defineOperation({
  id: 'deleteAgent',
  method: 'DELETE',
  path: '/v1/agents/:agent_id',
  tag: 'Agents',
  summary: 'Deactivate an agent',
  description: 'Its key and its tokens are dead within a second. Its record and its trail stay.',
  access: people,
  keyScope: 'agents:write',
  audit: auditAs('agent.deactivate'),
  params,
  answer: { status: 204, description: 'The agent can do nothing any more.' },
  refusals: [404],
});

export const rotateAgentKey = defineOperation({
  id: 'rotateAgentKey',
  method: 'POST',
  path: '/v1/agents/:agent_id/rotate-key',
  tag: 'Agents',
  summary: 'Replace the key of an agent',
  description: 'The old key and every token made with it die. Only for agents that authenticate with a key.',
  access: people,
  keyScope: 'agents:write',
  audit: auditAs('agent.rotate_key'),
  params,
  answer: { status: 200, description: 'The agent and, this once, its new key.', schema: agentKeyRotatedResponse },
  refusals: [404, 409],
});

export const rotateIdentityKeys = defineOperation({
  id: 'rotateAgentIdentityKeys',
  method: 'POST',
  path: '/v1/agents/:agent_id/rotate-identity-keys',
  tag: 'Agents',
  summary: 'Replace the key pairs of an agent',
  description:
    'New signing and encryption pairs; the private halves are new versions of the secrets in `__agent-keys`. Its API key and its tokens stay.',
  access: people,
  keyScope: 'agents:write',
  audit: auditAs('agent.rotate_identity_keys'),
  params,
  answer: { status: 200, description: 'The agent with its new public keys.', schema: agentResponse },
  refusals: [404],
});

export const enrollAgent = defineOperation({
  id: 'enrollAgent',
  method: 'POST',
  path: '/v1/agents/enroll',
  tag: 'Agents',
  summary: 'Ask to be registered as an agent',
  description:
    'If the address is that of a user, that user gets a mail with the id and the key of a new agent. The answer is the same if it is not. One per address every 10 minutes; an agent that is not used expires after 7 days.',
  access: 'public',
  body: enrollAgentRequest,
  answer: { status: 201, description: 'The request was taken in.', schema: enrollAgentResponse },
  refusals: [400],
  bucket: 'enroll',
});
