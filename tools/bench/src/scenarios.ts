import { randomBytes } from 'node:crypto';
import type { FloodPlan } from './flood.js';
import type { LoadRequest } from './load.js';
import type { World } from './world.js';

export interface Scenario {
  name: string;
  connections: number;
  requests: LoadRequest[];
  /** Runs at the same time and is not what is measured. */
  beside?: { connections: number; requests: LoadRequest[] };
  /** The same, of callers who may nothing. */
  flood?: Pick<FloodPlan, 'addresses' | 'connections' | 'token'>;
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
    { name: 'read beside a flood from 1 address', connections: 32, requests: reads, flood: floodFrom(1, world) },
    { name: 'read beside a flood from 250 addresses', connections: 32, requests: reads, flood: floodFrom(250, world) },
  ];
}

const FLOOD_CONNECTIONS = 250;

/** From other loopback addresses than that of the proxy behind which everybody else is. */
function floodFrom(count: number, { agents }: World): Scenario['flood'] {
  const addresses = Array.from({ length: count }, (_, index) => `127.0.1.${index + 1}`);
  return { addresses, connections: FLOOD_CONNECTIONS, token: agents[0]!.token };
}

/** As a proxy would tell it; spread out, so that nobody meets a limit that protects a real gateway from a single client. */
function clientHeader(index: number): Record<string, string> {
  return { 'x-forwarded-for': `10.0.${(index >> 8) % 256}.${index % 256}` };
}

function loginRequests({ owner }: World): LoadRequest[] {
  return [{ method: 'POST', path: '/v1/auth/token', headers: JSON_BODY, body: JSON.stringify(owner) }];
}

function readRequests({ vaultId, paths, agents }: World): LoadRequest[] {
  return shuffled(paths).map((path, index) => ({
    method: 'GET',
    path: `/v1/vaults/${vaultId}/secrets/${path}`,
    headers: { ...clientHeader(index), authorization: `Bearer ${agents[index % agents.length]!.token}` },
  }));
}

function writeRequests({ vaultId, paths, agents }: World): LoadRequest[] {
  return shuffled(paths).map((path, index) => ({
    method: 'PUT',
    path: `/v1/vaults/${vaultId}/secrets/${path}`,
    headers: { ...JSON_BODY, ...clientHeader(index), authorization: `Bearer ${agents[index % agents.length]!.token}` },
    body: JSON.stringify({ value: randomBytes(48).toString('base64') }),
  }));
}

function agentTokenRequests({ agents }: World): LoadRequest[] {
  const clients = Array.from({ length: 512 }, (_, index) => ({ index, agent: agents[index % agents.length]! }));
  return clients.map(({ index, agent }) => ({
    method: 'POST',
    path: '/v1/auth/agent-token',
    headers: { ...JSON_BODY, ...clientHeader(index) },
    body: JSON.stringify({ agent_id: agent.id, api_key: agent.apiKey }),
  }));
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
