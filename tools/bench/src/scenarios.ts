import { randomBytes } from 'node:crypto';
import type { LoadRequest } from './load.js';
import type { World } from './world.js';

export interface Scenario {
  name: string;
  connections: number;
  requests: LoadRequest[];
  /** Runs at the same time and is not what is measured. */
  beside?: { connections: number; requests: LoadRequest[] };
}

const JSON_BODY = { 'content-type': 'application/json' };

export function scenariosFor(world: World): Scenario[] {
  const reads = readRequests(world);
  return [
    { name: 'read', connections: 1, requests: reads },
    { name: 'read', connections: 32, requests: reads },
    { name: 'read', connections: 128, requests: reads },
    { name: 'write', connections: 32, requests: writeRequests(world) },
    { name: 'agent-token', connections: 32, requests: agentTokenRequests(world) },
    { name: 'login', connections: 8, requests: loginRequests(world) },
    {
      name: 'read beside 8 logins',
      connections: 32,
      requests: reads,
      beside: { connections: 8, requests: loginRequests(world) },
    },
  ];
}

function loginRequests({ owner }: World): LoadRequest[] {
  return [{ method: 'POST', path: '/v1/auth/token', headers: JSON_BODY, body: JSON.stringify(owner) }];
}

function readRequests({ vaultId, paths, agents }: World): LoadRequest[] {
  return shuffled(paths).map((path, index) => ({
    method: 'GET',
    path: `/v1/vaults/${vaultId}/secrets/${path}`,
    headers: { authorization: `Bearer ${agents[index % agents.length]!.token}` },
  }));
}

function writeRequests({ vaultId, paths, agents }: World): LoadRequest[] {
  return shuffled(paths).map((path, index) => ({
    method: 'PUT',
    path: `/v1/vaults/${vaultId}/secrets/${path}`,
    headers: { ...JSON_BODY, authorization: `Bearer ${agents[index % agents.length]!.token}` },
    body: JSON.stringify({ value: randomBytes(48).toString('base64') }),
  }));
}

function agentTokenRequests({ agents }: World): LoadRequest[] {
  return agents.map((agent) => ({
    method: 'POST',
    path: '/v1/auth/agent-token',
    headers: JSON_BODY,
    body: JSON.stringify({ agent_id: agent.id, api_key: agent.apiKey }),
  }));
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
