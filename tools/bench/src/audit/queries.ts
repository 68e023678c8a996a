import type { Api } from '../api.js';
import { idFor, type OrgHistory } from './history.js';

export interface Query {
  name: string;
  /** What follows `/v1/audit/events?`, drawn anew each time. */
  ask: () => string;
  /** As the busiest agent, of what it did itself; otherwise as the owner. */
  asAgent?: true;
}

const DAY_MS = 86_400_000;
const SPAN_DAYS = 175;
const PAGES_SAMPLED = 40;

const any = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)]!;

/** From some time in the last half year on, so many days. */
function span(days: number): string {
  const start = Date.now() - (1 + Math.random() * (SPAN_DAYS - days)) * DAY_MS - days * DAY_MS;
  return `from=${new Date(start).toISOString()}&to=${new Date(start + days * DAY_MS).toISOString()}`;
}

/** Every way to ask for events: a common value, a rare one, one that there is not; near the end of the trail and deep in it. */
export async function queriesOf(history: OrgHistory, owner: Api): Promise<Query[]> {
  const { agents, users, vaults, seldom } = history;
  const busy = agents[0]!;
  const large = vaults[0]!;
  const deep = await cursorsInto(owner, '');
  const deepReads = await cursorsInto(owner, 'action=secret.read');
  const deepOfAgent = await cursorsInto(owner, `actor_id=${busy}`);
  const deepOfVault = await cursorsInto(owner, `resource_id=${large}`);
  return [
    { name: 'newest', ask: () => '' },
    { name: 'newest, 1,000 of them', ask: () => 'limit=1000' },
    { name: 'actor, the busiest', ask: () => `actor_id=${busy}` },
    { name: 'actor, any', ask: () => `actor_id=${any(agents)}` },
    { name: 'actor, some forty events', ask: () => `actor_id=${seldom}` },
    { name: 'actor, none', ask: () => `actor_id=${idFor('nobody')}` },
    { name: 'action, common', ask: () => 'action=secret.read' },
    { name: 'action, rare', ask: () => 'action=cmek.rotate' },
    { name: 'action, none', ask: () => 'action=transaction.submit' },
    { name: 'resource, a secret', ask: () => `resource_id=${history.someSecret().id}` },
    { name: 'resource, a path', ask: () => `resource_id=${history.someSecret().path}` },
    { name: 'resource, the largest vault', ask: () => `resource_id=${large}` },
    { name: 'resource, none', ask: () => `resource_id=${idFor('nothing')}` },
    { name: 'time, an hour', ask: () => span(1 / 24) },
    { name: 'time, a month', ask: () => span(30) },
    { name: 'actor and action, common', ask: () => `actor_id=${busy}&action=secret.read` },
    { name: 'actor and action, 1 in 1,000', ask: () => `actor_id=${any(users)}&action=mfa.enable` },
    { name: 'actor and action, never both', ask: () => `actor_id=${busy}&action=vault.delete` },
    { name: 'resource and action, common', ask: () => `resource_id=${large}&action=secret.read` },
    { name: 'resource and action, never both', ask: () => `resource_id=${large}&action=auth.success` },
    { name: 'resource and actor', ask: () => `resource_id=${large}&actor_id=${any(agents)}` },
    { name: 'resource and actor, never both', ask: () => `resource_id=${large}&actor_id=${idFor('nobody')}` },
    { name: 'actor and a month', ask: () => `actor_id=${any(agents)}&${span(30)}` },
    { name: 'action and an hour', ask: () => `action=secret.write&${span(1 / 24)}` },
    { name: 'rare action and a week', ask: () => `action=cmek.rotate&${span(7)}` },
    {
      name: 'actor, action, resource, a month',
      ask: () => `actor_id=${busy}&action=secret.read&resource_id=${large}&${span(30)}`,
    },
    { name: 'page at offset 1,000', ask: () => 'offset=1000' },
    { name: 'page at offset 10,000', ask: () => 'offset=10000' },
    { name: 'page at offset 100,000', ask: () => 'offset=100000' },
    { name: 'actor, page at offset 10,000', ask: () => `actor_id=${busy}&offset=10000` },
    { name: 'resource, page at offset 10,000', ask: () => `resource_id=${large}&offset=10000` },
    { name: 'cursor, anywhere', ask: () => `cursor=${any(deep)}` },
    { name: 'action, cursor anywhere', ask: () => `action=secret.read&cursor=${any(deepReads)}` },
    { name: 'actor, cursor anywhere', ask: () => `actor_id=${busy}&cursor=${any(deepOfAgent)}` },
    { name: 'resource, cursor anywhere', ask: () => `resource_id=${large}&cursor=${any(deepOfVault)}` },
    { name: "an agent's own", ask: () => '', asAgent: true },
    { name: "an agent's own, by action", ask: () => 'action=share.access', asAgent: true },
  ];
}

/** Where pages of a list go on, all over half a year. */
async function cursorsInto(owner: Api, filter: string): Promise<string[]> {
  const cursors: string[] = [];
  for (let index = 0; index < PAGES_SAMPLED; index += 1) {
    const to = new Date(Date.now() - ((index + Math.random()) / PAGES_SAMPLED) * SPAN_DAYS * DAY_MS).toISOString();
    const page = await owner.call<{ next_cursor?: string }>('GET', `/v1/audit/events?limit=1&to=${to}&${filter}`);
    if (page.next_cursor) cursors.push(encodeURIComponent(page.next_cursor));
  }
  return cursors;
}
