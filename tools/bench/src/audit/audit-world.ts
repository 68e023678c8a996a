import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '@oneclaw/stack';
import { Client } from 'pg';
import { Api } from '../api.js';
import { say } from '../roomy-stack.js';
import { seedAgent, seedOrg } from '../world.js';
import { HistorySeeder } from './history-seeder.js';
import { idFor, OrgHistory } from './history.js';

/** What a later run has to know of one that kept its data. */
interface Saved {
  events: number;
  orgId: string;
  owner: { email: string; password: string };
  agent: { id: string; apiKey: string };
}

export interface AuditWorld {
  /** How many were seeded, over all orgs. */
  events: number;
  owner: { api: Api; token: string };
  agentToken: string;
  /** The first is of the org that is asked; it has four fifths of all events. */
  histories: readonly OrgHistory[];
}

const OTHER_ORGS = 20;
const OF_THE_FIRST = 0.8;
const FILE = 'audit-bench.json';
const SETTLE_MS = 30_000;

/** Millions of events of a large org among others; those that an earlier run left in the stack's folder, where it did. */
export async function openAuditWorld(stack: Stack, events: number): Promise<AuditWorld> {
  const file = path.join(stack.state.path, FILE);
  const saved = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Saved) : await seedWorld(stack, events);
  writeFileSync(file, JSON.stringify(saved), { mode: 0o600 });
  const anonymous = new Api(stack.url);
  const tokenOf = async (route: string, body: object) =>
    (await anonymous.call<{ access_token: string }>('POST', `/v1/auth/${route}`, body)).access_token;
  const token = await tokenOf('token', saved.owner);
  return {
    events: saved.events,
    owner: { api: anonymous.withToken(token), token },
    agentToken: await tokenOf('agent-token', { agent_id: saved.agent.id, api_key: saved.agent.apiKey }),
    histories: historiesOf(saved),
  };
}

function historiesOf({ orgId, agent }: Pick<Saved, 'orgId' | 'agent'>): OrgHistory[] {
  const others = Array.from({ length: OTHER_ORGS }, (_, index) => new OrgHistory(idFor(`org ${index}`)));
  return [new OrgHistory(orgId, agent.id), ...others];
}

async function seedWorld(stack: Stack, events: number): Promise<Saved> {
  const org = await seedOrg(stack.url);
  const agent = await seedAgent(org, 'busiest');
  await settle(stack);
  const saved = { events, orgId: org.id, owner: org.credentials, agent: { id: agent.id, apiKey: agent.apiKey } };
  const seeder = await HistorySeeder.connect(stack);
  try {
    const [first, ...others] = historiesOf(saved);
    const share = Math.round((events * (1 - OF_THE_FIRST)) / others.length);
    await seeder.seed([
      ...others.map((history) => ({ history, events: share })),
      { history: first!, events: events - share * others.length },
    ]);
  } finally {
    await seeder.close();
  }
  return saved;
}

/** Until everything that has happened is in the trail. */
async function settle(stack: Stack): Promise<void> {
  say('waiting for the trail …');
  for (const service of ['auth-svc', 'vault-svc'] as const) {
    const client = new Client({ connectionString: stack.databaseUrl(service, 'superuser') });
    await client.connect();
    try {
      const start = performance.now();
      const left = async () =>
        (
          await client.query<{ left: string }>(
            `SELECT (SELECT count(*) FROM outbox WHERE family = 'audit') + (SELECT count(*) FROM outbox_batch WHERE family = 'audit') AS left`,
          )
        ).rows[0]!.left;
      while (Number(await left()) > 0) {
        if (performance.now() - start > SETTLE_MS) throw new Error(`the trail does not catch up with ${service}`);
        await pause(200);
      }
    } finally {
      await client.end();
    }
  }
}
