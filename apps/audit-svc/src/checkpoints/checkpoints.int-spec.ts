import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDataSource, execute, query } from '@oneclaw/database';
import { createLogger } from '@oneclaw/telemetry';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { SoftwareSigner, TestTrail, someEvent } from '../test-trail.js';
import { checkpointBytes } from './checkpoint.js';
import type { CheckpointSigner, CheckpointsService } from './checkpoints.service.js';

const logger = createLogger({ service: 'test', level: 'silent' });

describe('checkpoints', () => {
  let trail: TestTrail;
  let org: string;
  const dataSources: DataSource[] = [];

  beforeAll(async () => {
    trail = await TestTrail.create();
  });

  afterAll(async () => {
    await Promise.all(dataSources.map((dataSource) => dataSource.destroy()));
    await trail.dispose();
  });

  beforeEach(async () => {
    org = uuidv7();
    // Whoever moved before is not what the test is about.
    await signAll();
  });

  const grow = (count: number, of = org) => trail.append(Array.from({ length: count }, () => someEvent(of)));
  const positions = async (of = org) =>
    (await trail.checkpointsRepository.read(trail.dataSource, of, 0, Number.MAX_SAFE_INTEGER)).map(
      ({ position }) => position,
    );

  async function signAll(replica: CheckpointsService = trail.checkpoints, minAgeSeconds = 0): Promise<void> {
    let after: string | undefined;
    do after = await replica.signDue(after, minAgeSeconds);
    while (after !== undefined);
  }

  /** Another replica of the service, with connections of its own. */
  async function newReplica(applicationName: string, signer?: CheckpointSigner): Promise<CheckpointsService> {
    const dataSource = await createDataSource({ url: trail.urls.app, applicationName, logger, poolSize: 2 });
    dataSources.push(dataSource);
    return trail.replica(dataSource, signer);
  }

  it('say where each chain ended, signed by the key', async () => {
    const other = uuidv7();
    await grow(3);
    await grow(1, other);
    await signAll();
    const [found] = await trail.checkpointsRepository.read(trail.dataSource, org, 0, 10);
    const last = (await trail.read(org)).at(-1)!;
    expect(found).toMatchObject({ orgId: org, position: 3, eventId: last.id, integrityHash: last.integrityHash });
    expect(await trail.keys.judge(found!)).toBe('right');
    expect(await positions(other)).toEqual([1]);
  });

  it('come when a chain has grown, and only then', async () => {
    await grow(2);
    await signAll();
    await signAll();
    expect(await positions()).toEqual([2]);
    await grow(1);
    await signAll();
    expect(await positions()).toEqual([2, 3]);
  });

  it('keep their distance in time', async () => {
    await grow(1);
    await signAll();
    await grow(1);
    await signAll(trail.checkpoints, 3600);
    expect(await positions()).toEqual([1]);
  });

  it('are made for any number of chains, in batches', async () => {
    const orgs = Array.from({ length: 120 }, () => uuidv7());
    await trail.append(orgs.map((each) => someEvent(each)));
    const { calls } = trail.signer;
    await signAll();
    expect(trail.signer.calls - calls).toBe(3);
    for (const each of orgs) expect(await positions(each)).toEqual([1]);
  });

  it('are made once by three replicas that all want to', async () => {
    await grow(5);
    const replicas = await Promise.all(['replica-1', 'replica-2', 'replica-3'].map((name) => newReplica(name)));
    await Promise.all(Array.from({ length: 10 }, () => replicas.map((replica) => signAll(replica))).flat());
    expect(await positions()).toEqual([5]);
  });

  it('are all there or not at all when a replica dies in the middle, and the next one makes them', async () => {
    await grow(2);
    let signing!: () => void;
    let goOn!: () => void;
    const reached = new Promise<void>((resolve) => (signing = resolve));
    const released = new Promise<void>((resolve) => (goOn = resolve));
    const slow: CheckpointSigner = {
      signCheckpoints: async (request) => {
        signing();
        await released;
        return trail.signer.signCheckpoints(request as never);
      },
    };
    const dying = signAll(await newReplica('dying', slow));
    dying.catch(() => undefined);
    await reached;
    await signAll();
    expect(await positions()).toEqual([]);
    const killed = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dying'`;
    expect(await query(trail.dataSource, killed)).not.toEqual([]);
    goOn();
    await expect(dying).rejects.toThrow();
    expect(await positions()).toEqual([]);
    await signAll();
    expect(await positions()).toEqual([2]);
  });

  it('do not come while the HSM is away, and come afterwards', async () => {
    await grow(1);
    const away: CheckpointSigner = { signCheckpoints: () => Promise.reject(new Error('no HSM')) };
    await expect(signAll(await newReplica('without', away))).rejects.toThrow('no HSM');
    expect(await positions()).toEqual([]);
    await signAll();
    expect(await positions()).toEqual([1]);
  });

  it('can be asked for: of an end that nobody vouched for lately, and of no chain without events', async () => {
    await trail.checkpoints.signNow(org);
    expect(await positions()).toEqual([]);
    await grow(1);
    await trail.checkpoints.signNow(org);
    await trail.checkpoints.signNow(org);
    expect(await positions()).toEqual([1]);
  });

  it('vouch again for an end that stays, when they are asked for later', async () => {
    await grow(1);
    const { id: eventId, integrityHash } = (await trail.read(org))[0]!;
    const unsigned = { orgId: org, position: 1, eventId, integrityHash, createdAt: new Date(Date.now() - 3_600_000) };
    const { keyId, signatures } = await trail.signer.signCheckpoints({ checkpoints: [checkpointBytes(unsigned)] });
    await trail.checkpointsRepository.insert(trail.dataSource, [{ ...unsigned, keyId, signature: signatures[0]! }]);
    await signAll();
    expect(await positions()).toEqual([1]);
    await trail.checkpoints.signNow(org);
    expect(await positions()).toEqual([1, 1]);
    expect(await trail.verify(org)).toMatchObject({ valid: true, eventsChecked: 1 });
  });

  it('are made by the key of the day, and those of the day before hold', async () => {
    const [before, after] = [new SoftwareSigner(), new SoftwareSigner()];
    const world = await TestTrail.create(before, after);
    await world.append([someEvent(org)]);
    await world.replica(world.dataSource, before).signNow(org);
    await world.append([someEvent(org)]);
    await world.replica(world.dataSource, after).signNow(org);
    const found = await world.checkpointsRepository.read(world.dataSource, org, 0, 10);
    expect(found.map(({ position, keyId }) => [position, keyId])).toEqual([
      [1, before.keyId],
      [2, after.keyId],
    ]);
    expect(await world.verify(org)).toMatchObject({ valid: true, checkpoint: { position: 2, keyId: after.keyId } });
    await world.dispose();
  });

  describe('keep coming', () => {
    /** A checkpoint that nobody signed, of the chain's end, by the key and from the time that are given. */
    const invent = (key: string, time: string) =>
      execute(
        trail.owner,
        `INSERT INTO checkpoints (org_id, position, created_at, event_id, integrity_hash, key_id, signature)
         SELECT org_id, position, ${time}, event_id, integrity_hash, $2, sha256('a') || sha256('b') FROM chain_heads WHERE org_id = $1`,
        [org, key],
      );

    it.each([
      ['of now', 'clock_timestamp()'],
      ['of the far future', `'2249-12-31Z'`],
    ])('after somebody put one there by a key that does not exist, %s', async (_, time) => {
      await grow(1);
      await invent('nobody', time);
      await grow(1);
      await signAll(trail.checkpoints, 3600);
      const found = await trail.checkpointsRepository.read(trail.dataSource, org, 0, 10);
      expect(found.map(({ position, keyId }) => [position, keyId])).toEqual([
        [1, 'nobody'],
        [2, trail.signer.keyId],
      ]);
    });

    it('of an end that was dated into the future, on request', async () => {
      await grow(1);
      await invent('nobody', `'2249-12-31Z'`);
      await trail.checkpoints.signNow(org);
      expect(await positions()).toEqual([1, 1]);
    });
  });

  it('are not held back by one that was dated into the future: it is an alarm', async () => {
    await grow(1);
    await signAll();
    await execute(trail.owner, `UPDATE checkpoints SET created_at = '2249-12-31Z' WHERE org_id = $1`, [org]);
    await grow(1);
    const alarms = await trail.contradictions();
    await signAll(trail.checkpoints, 3600);
    expect(await positions()).toEqual([1]);
    expect(await trail.contradictions()).toBe(alarms + 1);
  });

  describe('are never made of a chain', () => {
    const edit = `UPDATE events SET details = '{"edited":true}' WHERE org_id = $1 AND position = 2`;
    const recompute = (statement: string) => async () => {
      await execute(trail.owner, statement, [org]);
      await trail.recompute(org);
    };
    const tampering: [string, () => Promise<unknown>][] = [
      ['that was recomputed', recompute(edit)],
      [
        'that was recomputed, with its checkpoint made to fit',
        async () => {
          await recompute(edit)();
          await execute(
            trail.owner,
            `UPDATE checkpoints c SET integrity_hash = e.integrity_hash FROM events e
             WHERE c.org_id = $1 AND e.org_id = c.org_id AND e.position = c.position`,
            [org],
          );
        },
      ],
      [
        'that was recomputed, and vouched for by a key that does not exist',
        async () => {
          await recompute(edit)();
          await execute(
            trail.owner,
            `INSERT INTO checkpoints SELECT org_id, position, clock_timestamp(), event_id, integrity_hash, 'nobody', sha256('a') || sha256('b')
             FROM chain_heads WHERE org_id = $1`,
            [org],
          );
        },
      ],
      ['whose tail was cut', recompute('DELETE FROM events WHERE org_id = $1 AND position = 3')],
      [
        'whose head says something else than its last event',
        () => execute(trail.owner, `UPDATE chain_heads SET integrity_hash = sha256('x') WHERE org_id = $1`, [org]),
      ],
    ];

    it.each(tampering)('%s', async (_, tamper) => {
      await grow(3);
      await signAll();
      await tamper();
      const { calls } = trail.signer;
      await signAll();
      await trail.checkpoints.signNow(org);
      expect(trail.signer.calls).toBe(calls);
    });

    it('and other chains are signed all the same', async () => {
      const other = uuidv7();
      await grow(3);
      await signAll();
      await recompute(edit)();
      await grow(1, other);
      await signAll();
      expect(await positions()).toEqual([3]);
      expect(await positions(other)).toEqual([1]);
    });
  });

  it.each([
    'UPDATE checkpoints SET key_id = key_id',
    'DELETE FROM checkpoints',
    'TRUNCATE checkpoints',
    'TRUNCATE events CASCADE',
    'DELETE FROM events WHERE false',
    'ALTER TABLE events DISABLE TRIGGER ALL',
    'DROP TABLE checkpoints',
  ])('refuse the service itself: %s', async (statement) => {
    await expect(execute(trail.dataSource, statement)).rejects.toMatchObject({ code: '42501' });
  });
});
