import { randomBytes } from 'node:crypto';
import { Api } from './api.js';

export interface BenchAgent {
  id: string;
  apiKey: string;
  token: string;
}

/** What the scenarios read and write. */
export interface World {
  vaultId: string;
  owner: { email: string; password: string };
  paths: string[];
  agents: BenchAgent[];
}

const SECRETS = 1000;
const AGENTS = 8;
const PARALLEL = 16;

/** An org with an empty vault. */
export interface Org {
  anonymous: Api;
  /** As its owner. */
  owner: Api;
  id: string;
  ownerId: string;
  credentials: { email: string; password: string };
  vaultId: string;
}

export async function seedOrg(baseUrl: string): Promise<Org> {
  const anonymous = new Api(baseUrl);
  const email = `bench-${randomBytes(6).toString('hex')}@example.test`;
  const password = randomBytes(18).toString('base64url');
  const session = await anonymous.call<{ access_token: string }>('POST', '/v1/auth/signup', { email, password });
  const owner = anonymous.withToken(session.access_token);
  const vault = await owner.call<{ id: string }>('POST', '/v1/vaults', { name: 'bench' });
  const profile = await owner.call<{ id: string; org_id: string }>('GET', '/v1/auth/me');
  const ids = { id: profile.org_id, ownerId: profile.id, vaultId: vault.id };
  return { anonymous, owner, ...ids, credentials: { email, password } };
}

/** One org with a vault of 1,000 secrets of 64 characters, and eight agents that a policy each lets read and write all of it. */
export async function seedWorld(baseUrl: string): Promise<World> {
  const org = await seedOrg(baseUrl);
  const paths = Array.from({ length: SECRETS }, (_, index) => `team-${index % 10}/service-${index % 97}/key-${index}`);
  await inParallel(paths, (path) =>
    org.owner.call('PUT', `/v1/vaults/${org.vaultId}/secrets/${path}`, { value: randomBytes(48).toString('base64') }),
  );
  const agents: BenchAgent[] = [];
  for (let index = 0; index < AGENTS; index += 1) agents.push(await seedAgent(org, `bench-${index}`));
  return { vaultId: org.vaultId, owner: org.credentials, paths, agents };
}

/** An agent with a token, and a policy that lets it read and write what matches. */
export async function seedAgent({ anonymous, owner, vaultId }: Org, name: string, pattern = '**'): Promise<BenchAgent> {
  const { agent, api_key } = await owner.call<{ agent: { id: string }; api_key: string }>('POST', '/v1/agents', {
    name,
  });
  await owner.call('POST', `/v1/vaults/${vaultId}/policies`, {
    secret_path_pattern: pattern,
    principal_type: 'agent',
    principal_id: agent.id,
    permissions: ['read', 'write'],
  });
  const { access_token } = await anonymous.call<{ access_token: string }>('POST', '/v1/auth/agent-token', {
    agent_id: agent.id,
    api_key,
  });
  return { id: agent.id, apiKey: api_key, token: access_token };
}

async function inParallel<T>(items: T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = [...items];
  const drain = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL }, drain));
}
