import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Caller } from '@oneclaw/caller';
import { execute, query, transaction, type Executor } from '@oneclaw/database';
import { v7 as uuidv7 } from 'uuid';
import type { IncomingEvent } from '../chain/chained-event.js';
import { TestTrail, someEvent } from '../test-trail.js';
import { EventsRepository } from './events.repository.js';
import { EventsService, type ListEventsInput } from './events.service.js';
import { listEventsQuery, type EventFilter } from './list-events.query.js';

const org = uuidv7();
const owner = { type: 'user', id: 'u-owner', orgId: org, role: 'owner' } as Caller;
const anything: ListEventsInput = {
  actorId: undefined,
  action: undefined,
  resource: undefined,
  from: undefined,
  to: undefined,
  limit: 100,
  offset: 0,
  cursor: '',
};

describe('the trail of an org', () => {
  let trail: TestTrail;
  let service: EventsService;
  let events: IncomingEvent[];

  beforeAll(async () => {
    trail = await TestTrail.create();
    service = new EventsService(new EventsRepository(trail.dataSource));
    const filter = (vaultId: string, path: string) => ({
      vaultId,
      path,
      details: JSON.stringify({ vault_id: vaultId, path }),
    });
    events = [
      someEvent(org, { actorId: 'u-owner', action: 'vault.create', resourceId: 'v-1' }),
      someEvent(org, { actorId: 'a-1', resourceId: 's-1', ...filter('v-1', 'prod/db') }),
      someEvent(org, { actorId: 'a-1', resourceId: 's-2', ...filter('v-1', 'prod/api') }),
      someEvent(org, { actorId: 'a-2', resourceId: 's-3', ...filter('v-2', 'prod/db') }),
      someEvent(org, { actorId: 'a-2', action: 'auth.success', resourceId: '' }),
    ];
    // Arrival is not the order of happening: the second event comes last.
    await trail.append([events[0]!, ...events.slice(2), events[1]!]);
    await trail.append([someEvent(uuidv7(), { actorId: 'a-1', resourceId: 's-1' })]);
  });

  afterAll(() => trail.dispose());

  async function listed(input: Partial<ListEventsInput> = {}, caller: Caller = owner): Promise<number[]> {
    const { events: found } = await service.list(caller, { ...anything, ...input });
    return found.map((event) => events.findIndex(({ id }) => id === event.id));
  }

  it('is listed newest first, whatever the order of arrival, and without other orgs', async () => {
    expect(await listed()).toEqual([4, 3, 2, 1, 0]);
  });

  it.each([
    ['the id of a secret', { resource: 's-1' }, [1]],
    ['a vault, whose secrets count too', { resource: 'v-1' }, [2, 1, 0]],
    ['a path, in any vault', { resource: 'prod/db' }, [3, 1]],
    ['something unknown', { resource: 'nothing' }, []],
    ['an actor', { actorId: 'a-2' }, [4, 3]],
    ['an action', { action: 'vault.create' }, [0]],
    ['several of them', { resource: 'v-1', actorId: 'a-1', action: 'secret.read' }, [2, 1]],
  ])('is filtered by %s', async (_, input, expected) => {
    expect(await listed(input)).toEqual(expected);
  });

  it('is filtered by time, both ends included', async () => {
    const time = (index: number) => new Date(events[index]!.createdAtMicros / 1000);
    expect(await listed({ from: time(1), to: time(3) })).toEqual([3, 2, 1]);
    expect(await listed({ to: time(0) })).toEqual([0]);
  });

  it('shows an agent its own', async () => {
    expect(await listed({}, { type: 'agent', id: 'a-1', orgId: org } as Caller)).toEqual([2, 1]);
    expect(await listed({ resource: 'prod/db' }, { type: 'agent', id: 'a-1', orgId: org } as Caller)).toEqual([1]);
  });

  it('comes in pages by offset', async () => {
    expect(await listed({ limit: 2, offset: 1 })).toEqual([3, 2]);
    expect(await listed({ offset: 9 })).toEqual([]);
  });

  it.each([[undefined], ['v-1']])(
    'comes in pages by cursor, each event once, also as new ones arrive (filter: %s)',
    async (resource) => {
      const seen: number[] = [];
      let cursor = '';
      do {
        const page = await service.list(owner, { ...anything, resource, limit: 1, cursor });
        seen.push(...page.events.map((event) => events.findIndex(({ id }) => id === event.id)));
        cursor = page.nextCursor;
        await trail.append([someEvent(org, { resourceId: resource ?? 'x' })]);
      } while (cursor !== '');
      expect(seen).toEqual(resource ? [2, 1, 0] : [4, 3, 2, 1, 0]);
    },
  );
});

describe('a long trail', () => {
  let trail: TestTrail;

  beforeAll(async () => {
    trail = await TestTrail.create();
    await execute(trail.owner, 'ALTER TABLE events DROP CONSTRAINT events_check');
    for (let from = 1; from <= 30_000; from += 5000)
      await execute(
        trail.owner,
        `
        INSERT INTO events SELECT $1, n, gen_random_uuid(), NULL, 'agent', 'a-' || n % 50, 'action-' || n % 20, 'secret', 's-' || n % 1000, '{}',
          'v-' || n % 10, 'path/' || n % 500, '', '', timestamptz '2026-01-01' + n * interval '1 second', sha256('x')
        FROM generate_series($2::int, $2::int + 4999) n`,
        [org, from],
      );
    await execute(trail.owner, 'ANALYZE events');
  });

  afterAll(() => trail.dispose());

  const none = { actorId: undefined, action: undefined, resource: undefined, from: undefined, to: undefined };
  const page = { limit: 101, offset: 0, after: undefined };
  const past = new Date('2026-01-01T01:00:00Z');

  async function planOf(executor: Executor, filter: Partial<EventFilter>): Promise<PlanNode[]> {
    const { text, values } = listEventsQuery(org, { ...none, ...filter }, page);
    const explain = `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`;
    const [row] = await query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(executor, explain, values);
    return flatten(row!['QUERY PLAN'][0].Plan);
  }

  // Of an actor, an action, a vault or a path each there are hundreds of events; the numbers never meet.
  it.each([
    ['an actor and an action', { actorId: 'a-7', action: 'action-8' }],
    ['a resource and an actor', { resource: 'v-7', actorId: 'a-8' }],
    ['a path, an actor and an action', { resource: 'path/7', actorId: 'a-8', action: 'action-8' }],
  ])(
    'is not asked itself about events that are passed over, for %s that never met: the indexes know',
    async (_, filter) => {
      const nodes = await transaction(trail.dataSource, async (manager) => {
        // What Postgres prefers for a table as small as this one.
        await execute(manager, 'SET LOCAL enable_bitmapscan = off');
        return planOf(manager, filter);
      });
      const passing = nodes.filter((node) => (node['Rows Removed by Filter'] ?? 0) > 0);
      expect(passing.length).toBeGreaterThan(0);
      for (const node of passing) expect(node).toMatchObject({ 'Node Type': 'Index Only Scan' });
    },
  );

  it.each([
    ['nothing', {}],
    ['an actor', { actorId: 'a-7' }],
    ['an action', { action: 'action-7' }],
    ['a resource', { resource: 'path/7' }],
    ['a resource of a large vault', { resource: 'v-7' }],
    ['a time long past', { to: past }],
    ['an actor and a time long past', { actorId: 'a-7', to: past }],
    ['a resource that does not exist', { resource: 'nothing' }],
  ])('is read through an index, touching little more than the page, when filtered by %s', async (_, filter) => {
    const nodes = await planOf(trail.dataSource, filter);
    expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    for (const node of nodes) {
      const filteredOut = node['Rows Removed by Filter'] ?? 0;
      expect(node['Actual Rows'] * node['Actual Loops'] + filteredOut).toBeLessThanOrEqual(3 * page.limit);
    }
  });
});

interface PlanNode {
  'Node Type': string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

function flatten(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}
