import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { execute, query } from '@oneclaw/database';
import { v7 as uuidv7 } from 'uuid';
import { SoftwareSigner, TestTrail, someEvent } from '../test-trail.js';

describe('the chains of events', () => {
  let trail: TestTrail;
  let org: string;

  beforeAll(async () => {
    trail = await TestTrail.create();
  });

  afterAll(() => trail.dispose());

  beforeEach(() => {
    org = uuidv7();
  });

  const someEvents = (count: number) => Array.from({ length: count }, () => someEvent(org));

  it('link each event to the one before, and verify', async () => {
    const events = someEvents(5);
    await trail.append(events.slice(0, 2));
    await trail.append(events.slice(2));
    const stored = await trail.read(org);
    expect(stored.map((event) => event.id)).toEqual(events.map((event) => event.id));
    expect(stored.map((event) => event.prevEventId)).toEqual([null, ...events.slice(0, 4).map((event) => event.id)]);
    expect(await trail.verify(org)).toEqual({ valid: true, eventsChecked: 5 });
  });

  it('keep every field exactly as it came', async () => {
    const event = someEvent(org, {
      details: '{ "b":1,\n"a" : "\\u0000 ü \\ud83d\\ude00", "a":2 }',
      actorId: 'ü"\\{},NULL',
      resourceId: 'NULL',
      requestId: '',
      path: '{a,b}',
      vaultId: '',
      createdAtMicros: 1_767_323_045_678_901,
    });
    await trail.append([event]);
    expect(await trail.read(org)).toEqual([expect.objectContaining(event)]);
  });

  it('of orgs without events verify too', async () => {
    expect(await trail.verify(org)).toEqual({ valid: true, eventsChecked: 0 });
  });

  it('take an event once, however often it comes', async () => {
    const events = someEvents(3);
    expect(await trail.append([...events, ...events])).toBe(3);
    expect(await trail.append(events)).toBe(0);
    expect(await trail.append([events[0]!, ...someEvents(1)])).toBe(1);
    expect(await trail.verify(org)).toEqual({ valid: true, eventsChecked: 4 });
  });

  it('grow exactly under concurrent writers, of the same events and of different ones, in any order of orgs', async () => {
    const orgs = Array.from({ length: 5 }, () => uuidv7());
    const batches = Array.from({ length: 12 }, () =>
      orgs.flatMap((each) => Array.from({ length: 4 }, () => someEvent(each))),
    );
    const shuffled = [...batches, ...batches].map((batch, index) => (index % 2 ? batch.toReversed() : batch));
    await Promise.all(shuffled.map((batch) => trail.append(batch)));
    for (const each of orgs) expect(await trail.verify(each)).toEqual({ valid: true, eventsChecked: 48 });
  });

  describe('show that somebody', () => {
    const tampering: [string, string, number][] = [
      ['edited an action', `UPDATE events SET action = 'secret.list' WHERE org_id = $1 AND position = 3`, 3],
      [
        'moved a time by a microsecond',
        `UPDATE events SET created_at = created_at + interval '1 microsecond' WHERE org_id = $1 AND position = 3`,
        3,
      ],
      [
        'moved a time out of all bounds',
        `UPDATE events SET created_at = 'infinity' WHERE org_id = $1 AND position = 3`,
        3,
      ],
      ['emptied details', `UPDATE events SET details = '{}' WHERE org_id = $1 AND position = 3`, 3],
      ['hid an event from a filter', `UPDATE events SET path = 'elsewhere' WHERE org_id = $1 AND position = 3`, 3],
      ['changed a hash', `UPDATE events SET integrity_hash = sha256('x') WHERE org_id = $1 AND position = 3`, 3],
      ['deleted an event', 'DELETE FROM events WHERE org_id = $1 AND position = 3', 4],
      ['deleted the first event', 'DELETE FROM events WHERE org_id = $1 AND position = 1', 2],
      ['cut the tail', 'DELETE FROM events WHERE org_id = $1 AND position > 3', 5],
      ['deleted the whole chain', 'DELETE FROM events WHERE org_id = $1', 5],
      ['turned the head back', 'UPDATE chain_heads SET position = 3 WHERE org_id = $1', 5],
      ['deleted an event and closed the gap', 'SELECT close_gap($1)', 4],
      ['swapped two events', 'SELECT swap($1)', 4],
      ['inserted an event', 'SELECT push_in($1)', 7],
    ];

    beforeAll(async () => {
      const define = (name: string, body: string) =>
        execute(
          trail.owner,
          `CREATE FUNCTION ${name}(org uuid) RETURNS void LANGUAGE plpgsql AS $$ BEGIN ${body} END $$`,
        );
      await define(
        'close_gap',
        `
        DELETE FROM events WHERE org_id = org AND position = 3;
        UPDATE events SET position = 3, prev_event_id = (SELECT id FROM events WHERE org_id = org AND position = 2) WHERE org_id = org AND position = 4;
        UPDATE events SET position = 4 WHERE org_id = org AND position = 5;
        UPDATE chain_heads SET position = 4 WHERE org_id = org;`,
      );
      await define(
        'swap',
        `
        UPDATE events SET position = 100 WHERE org_id = org AND position = 3;
        UPDATE events SET position = 3 WHERE org_id = org AND position = 4;
        UPDATE events SET position = 4 WHERE org_id = org AND position = 100;`,
      );
      await define(
        'push_in',
        `
        UPDATE events SET position = 6 WHERE org_id = org AND position = 5;
        INSERT INTO events SELECT (jsonb_populate_record(e, jsonb_build_object('position', 5, 'id', org))).*
          FROM events e WHERE org_id = org AND position = 4;`,
      );
    });

    it.each(tampering)('%s', async (_, statement, brokenAt) => {
      const details = JSON.stringify({ path: 'prod/db' });
      const events = [1, 2, 3, 4, 5].map(() => someEvent(org, { details, path: 'prod/db' }));
      await trail.append(events);
      await execute(trail.owner, statement, [org]);
      const verdict = await trail.verify(org);
      expect(verdict.valid).toBe(false);
      expect(verdict.brokenAtEventId).toBe(brokenAt === 7 ? org : events[brokenAt - 1]!.id);
    });
  });

  it.each(['', 'x', 'null', '1', '[]', '{"path":'])(
    'show that somebody wrote details that are no object, hashes and all: %j',
    async (details) => {
      const events = someEvents(3);
      await trail.append(events);
      await execute(trail.owner, 'UPDATE events SET details = $2 WHERE org_id = $1 AND position = 2', [org, details]);
      await trail.recompute(org);
      expect(await trail.verify(org)).toEqual({ valid: false, eventsChecked: 1, brokenAtEventId: events[1]!.id });
    },
  );

  it('verify in stretches as they do at once, and while they grow', async () => {
    await trail.append(someEvents(1500));
    await trail.checkpoints.signNow(org);
    await trail.append(someEvents(1100));
    expect(await trail.verify(org, 1)).toMatchObject({
      valid: true,
      eventsChecked: 2600,
      checkpoint: { position: 1500 },
    });
    let progress = await trail.verifier.begin(trail.dataSource, org);
    ({ progress } = await trail.verifier.goOn(trail.dataSource, progress, 1));
    expect(progress.end.position).toBe(1000);
    await trail.append(someEvents(10));
    await trail.checkpoints.signNow(org);
    const { verdict } = await trail.verifier.goOn(trail.dataSource, progress, 10);
    expect(verdict).toMatchObject({ valid: true, eventsChecked: 2610, checkpoint: { position: 2610 } });
  });

  it('show a change of any column of an event, whatever columns there are', async () => {
    const columns = await query<{ name: string; type: string }>(
      trail.owner,
      `SELECT attname AS name, atttypid::regtype::text AS type FROM pg_attribute WHERE attrelid = 'events'::regclass AND attnum > 0 AND NOT attisdropped`,
    );
    expect(columns).toHaveLength(16);
    const changes: Record<string, (name: string) => string> = {
      uuid: () => 'gen_random_uuid()',
      bigint: (name) => `${name} + 10`,
      text: (name) => `concat(${name}, 'x')`,
      'timestamp with time zone': (name) => `${name} + interval '1 microsecond'`,
      bytea: (name) => `sha256(${name})`,
    };
    for (const { name, type } of columns) {
      org = uuidv7();
      await trail.append(someEvents(5));
      const set = `UPDATE events SET ${name} = ${changes[type]!(name)} WHERE org_id = $1 AND position = 3`;
      await execute(trail.owner, set, [org]);
      expect({ name, ...(await trail.verify(org)) }).toMatchObject({ name, valid: false, eventsChecked: 2 });
    }
  });

  it('show events of two orgs that were exchanged', async () => {
    const [one, two, nowhere] = [uuidv7(), uuidv7(), uuidv7()];
    for (const each of [one, two]) await trail.append([1, 2, 3].map(() => someEvent(each)));
    const move = 'UPDATE events SET org_id = $2 WHERE org_id = $1 AND position = 2';
    for (const [from, to] of [
      [one, nowhere],
      [two, one],
      [nowhere, two],
    ])
      await execute(trail.owner, move, [from, to]);
    for (const each of [one, two]) expect(await trail.verify(each)).toMatchObject({ valid: false, eventsChecked: 1 });
  });

  describe('are held against their checkpoints, which show that somebody', () => {
    const edit = `UPDATE events SET action = 'secret.list' WHERE org_id = $1 AND position = 2`;
    const fit = `UPDATE checkpoints c SET integrity_hash = e.integrity_hash, event_id = e.id FROM events e
      WHERE c.org_id = $1 AND e.org_id = c.org_id AND e.position = c.position`;
    const cut = 'DELETE FROM events WHERE org_id = $1 AND position > 3';
    const tampering: [string, string[], number][] = [
      ['recomputed the chain', [edit, 'recompute'], 3],
      ['recomputed the chain and made the checkpoints fit', [edit, 'recompute', fit], 3],
      ['cut the tail and turned the head back', [cut, 'recompute'], 5],
      [
        'deleted the chain and its head',
        ['DELETE FROM events WHERE org_id = $1', 'DELETE FROM chain_heads WHERE org_id = $1'],
        5,
      ],
      [
        'edited a checkpoint',
        [`UPDATE checkpoints SET created_at = created_at + interval '1 day' WHERE org_id = $1 AND position = 5`],
        5,
      ],
      [
        'moved a checkpoint out of all time',
        [`UPDATE checkpoints SET created_at = 'infinity' WHERE org_id = $1 AND position = 3`],
        3,
      ],
      [
        'moved a checkpoint to another event',
        ['UPDATE checkpoints SET position = 4 WHERE org_id = $1 AND position = 5'],
        4,
      ],
      [
        'signed a checkpoint with nothing',
        [`UPDATE checkpoints SET signature = sha256('a') || sha256('b') WHERE org_id = $1 AND position = 5`],
        5,
      ],
    ];

    it.each(tampering)('%s', async (_, steps, brokenAt) => {
      const events = someEvents(5);
      await trail.append(events.slice(0, 3));
      await trail.checkpoints.signNow(org);
      await trail.append(events.slice(3));
      await trail.checkpoints.signNow(org);
      expect(await trail.verify(org)).toMatchObject({ valid: true, checkpoint: { position: 5 } });
      for (const step of steps) {
        if (step === 'recompute') await trail.recompute(org);
        else await execute(trail.owner, step, [org]);
      }
      expect(await trail.verify(org)).toMatchObject({ valid: false, brokenAtEventId: events[brokenAt - 1]!.id });
    });

    it('took a checkpoint of another org', async () => {
      const other = uuidv7();
      await trail.append([someEvent(other)]);
      await trail.checkpoints.signNow(other);
      const [event] = someEvents(1);
      await trail.append([event!]);
      await execute(trail.owner, 'UPDATE checkpoints SET org_id = $1 WHERE org_id = $2', [org, other]);
      expect(await trail.verify(org)).toEqual({ valid: false, eventsChecked: 0, brokenAtEventId: event!.id });
    });
  });

  it('are vouched for by no checkpoint whose key is not known, and not accused by it', async () => {
    await trail.append(someEvents(2));
    await trail.replica(trail.dataSource, new SoftwareSigner()).signNow(org);
    expect(await trail.verify(org)).toEqual({ valid: true, eventsChecked: 2 });
  });

  it.each([
    'UPDATE events SET action = action',
    'DELETE FROM events',
    'TRUNCATE events',
    'DELETE FROM chain_heads',
    'DROP TABLE events',
  ])('refuse the service itself: %s', async (statement) => {
    await expect(execute(trail.dataSource, statement)).rejects.toMatchObject({ code: '42501' });
  });
});
