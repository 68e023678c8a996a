import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import pg from 'pg';
import { exportOf, judge } from './audit-verifier.js';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { hsmCli } from './hsm-cli.js';
import { gatewayOf, ownStack } from './stacks.js';
import { by, denied, eventsOf, trailWith } from './trail.js';
import { newAgent, newMember, newOwner, newVault, secretUrl, type Owner } from './world.js';

const SECOND = 1000;

interface Verdict {
  chain_valid: boolean;
  events_checked: number;
  broken_at_event_id?: string;
  checkpoint?: { position: number; event_id: string; integrity_hash: string; key_id: string };
}

let stack: Stack;
let keys: string;

beforeAll(async () => {
  stack = await ownStack({
    replicas: { gateway: 2, 'audit-svc': 3 },
    mail: true,
    env: { 'audit-svc': { CHECKPOINT_INTERVAL_SECONDS: '1' } },
  });
  keys = await hsmCli(stack, 'checkpoint-keys');
});

afterAll(() => stack?.stop());

const verify = async (api: Api): Promise<Verdict> => (await api.get('/v1/audit/verify')).as<Verdict>(200);

/** An owner whose trail has some events, all arrived. */
async function newTrail(events = 5): Promise<Owner> {
  const owner = await newOwner(gatewayOf(stack));
  const vault = await newVault(owner);
  for (let n = 0; n < events; n += 1) (await owner.api.put(secretUrl(vault, `a-${n}`), { value: 'v' })).as(201);
  await arrived(owner, 'secret.write', events);
  return owner;
}

async function arrived(owner: Owner, action: string, count: number): Promise<void> {
  await eventually(`${count} ${action} events are in the trail`, 20 * SECOND, async () =>
    (await eventsOf(owner.api, `&action=${action}`)).length >= count ? true : undefined,
  );
}

async function signedThrough(owner: Owner, position: number): Promise<Verdict> {
  const { value } = await eventually(`a checkpoint at ${position}`, 20 * SECOND, async () => {
    const verdict = await verify(owner.api);
    return (verdict.checkpoint?.position ?? 0) >= position ? verdict : undefined;
  });
  return value;
}

/** Runs statements in audit-svc's database: as the role that owns the tables, or as the service. */
async function inDatabase<T>(role: 'app' | 'owner', work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: stack.databaseUrl('audit-svc', role) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const tamper = (statement: string, owner: Owner) =>
  inDatabase('owner', (client) => client.query(statement, [owner.orgId]));

describe('GET /v1/audit/verify', () => {
  it('recomputes the chain, and says when the HSM last vouched for it', async () => {
    const owner = await newTrail();
    const count = (await eventsOf(owner.api)).length;
    const verdict = await signedThrough(owner, count);
    const [newest] = await inDatabase('owner', async (client) => {
      const sql = `SELECT id, encode(integrity_hash, 'hex') AS hash FROM events WHERE org_id = $1 AND position = $2`;
      return (await client.query<{ id: string; hash: string }>(sql, [owner.orgId, count])).rows;
    });
    expect(verdict).toMatchObject({
      chain_valid: true,
      events_checked: count,
      checkpoint: { position: count, event_id: newest!.id, integrity_hash: newest!.hash, org_id: owner.orgId },
    });
    expect(verdict).not.toHaveProperty('broken_at_event_id');
  });

  it('answers the same to fifty who ask at once, from either gateway', async () => {
    const owner = await newTrail();
    const count = (await eventsOf(owner.api)).length;
    await signedThrough(owner, count);
    const apis = stack.gatewayUrls.map((_, index) => gatewayOf(stack, index).as(owner.api.token));
    const verdicts = await Promise.all(Array.from({ length: 50 }, (_, n) => verify(apis[n % 2]!)));
    for (const verdict of verdicts) expect(verdict).toMatchObject({ chain_valid: true, events_checked: count });
  });

  it.each([
    ['edited an event', `UPDATE events SET action = 'secret.list' WHERE org_id = $1 AND position = 4`, 4],
    ['deleted an event', 'DELETE FROM events WHERE org_id = $1 AND position = 4', 5],
    ['cut the tail', 'DELETE FROM events WHERE org_id = $1 AND position > 4', 0],
  ])('shows that somebody %s, as the offline verifier does', async (_, statement, brokenAt) => {
    const owner = await newTrail();
    const events = (await eventsOf(owner.api)).toReversed();
    await signedThrough(owner, events.length);
    await tamper(statement, owner);
    const verdict = await verify(owner.api);
    expect(verdict).toMatchObject({
      chain_valid: false,
      broken_at_event_id: (brokenAt === 0 ? events.at(-1) : events[brokenAt - 1])!.id,
    });
    expect(await judge(await exportOf(owner.api), keys)).toMatchObject({ exitCode: 1 });
  });
});

/** What all replicas logged. */
const linesOfAudit = (): string[] => [0, 1, 2].flatMap((at) => stack.service('audit-svc', at).logs().split('\n'));

describe('GET /v1/audit/export', () => {
  it('is a file that proves itself to whoever has the public key', async () => {
    const owner = await newTrail();
    const count = (await eventsOf(owner.api)).length;
    const answer = await owner.api.get('/v1/audit/export');
    expect(answer.header('content-type')).toBe('application/x-ndjson');
    const { exitCode, said } = await judge(answer.text, keys);
    expect([exitCode, said]).toEqual([
      0,
      expect.stringContaining(`${count + 1} events, positions 1 to ${count + 1}, form one whole chain.`),
    ]);
  });

  it('says what the listing says', async () => {
    const owner = await newTrail();
    const exported = (await exportOf(owner.api))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ type }) => type === 'event');
    const listed = await eventsOf(owner.api);
    expect(exported.map(({ id }) => id).sort()).toEqual(listed.map(({ id }) => id).sort());
    for (const event of listed) {
      const line = exported.find(({ id }) => id === event.id)!;
      expect(JSON.parse(line['details_json'] as string)).toEqual(event.details);
      expect(line).toMatchObject({
        action: event.action,
        actor_id: event.actor_id ?? '',
        integrity_hash: event.integrity_hash,
        prev_event_id: event.prev_event_id,
        created_at: event.created_at.replace('Z', '000Z'),
      });
    }
  });

  it('goes on behind an earlier one', async () => {
    const owner = await newTrail();
    const first = await exportOf(owner.api);
    const count = (await eventsOf(owner.api)).length;
    const second = await exportOf(owner.api, `?after_position=${count}`);
    expect(await judge(second, keys)).toMatchObject({
      exitCode: 3,
      said: expect.stringContaining('begins at position'),
    });
    expect(await judge(second, keys, [first])).toMatchObject({
      exitCode: 0,
      said: expect.stringContaining(`1 events, positions ${count + 1} to ${count + 1}`),
    });
    (await owner.api.get(`/v1/audit/export?after_position=${count + 100}`)).invalid('after_position');
    for (const wrong of ['-1', 'x', '1.5'])
      (await owner.api.get(`/v1/audit/export?after_position=${wrong}`)).invalid('after_position');
  });

  it('tells a chain that was recomputed, checkpoints and all, by what was kept from before: an export, an answer, a line of the log', async () => {
    const owner = await newTrail();
    const before = await exportOf(owner.api);
    const { text: answered } = await owner.api.get('/v1/audit/verify');
    const { position } = (JSON.parse(answered) as Verdict).checkpoint!;
    const { value: logged } = await eventually('the checkpoint is in the log', 20 * SECOND, async () =>
      linesOfAudit().find((line) => line.includes(`"org_id":"${owner.orgId}","position":${position},`)),
    );
    // At once, or a checkpoint of what is left half-way would be signed.
    await inDatabase('owner', async (client) => {
      await client.query('BEGIN');
      for (const statement of [
        'DELETE FROM checkpoints WHERE org_id = $1',
        'DELETE FROM events WHERE org_id = $1 AND position > 2',
        `UPDATE chain_heads h SET position = 2, event_id = e.id, integrity_hash = e.integrity_hash
         FROM events e WHERE h.org_id = $1 AND e.org_id = h.org_id AND e.position = 2`,
      ])
        await client.query(statement, [owner.orgId]);
      await client.query('COMMIT');
    });
    const after = await exportOf(owner.api);
    expect(await judge(after, keys)).toMatchObject({ exitCode: 0 });
    for (const kept of [before, answered, logged]) {
      expect(await judge(before, keys, [kept])).toMatchObject({ exitCode: 0 });
      expect(await judge(after, keys, [kept])).toMatchObject({ exitCode: 1, said: expect.stringContaining('saved') });
    }
  });
});

describe('whole chains', () => {
  it('are for owners and admins, and what others try is in them once', async () => {
    const owner = await newTrail();
    const catcher = stack.mail?.restUrl;
    const [member, admin] = [await newMember(owner, 'member', catcher), await newMember(owner, 'admin', catcher)];
    const agent = await newAgent(owner);
    for (const route of ['verify', 'export']) {
      expect((await admin.api.get(`/v1/audit/${route}`)).status).toBe(200);
      for (const { api, id } of [member, agent]) {
        (await api.get(`/v1/audit/${route}`, { 'x-request-id': `${route}.${id}` })).refused(403);
        const tried = (await trailWith(owner.api, by(`audit.${route}`, id))).filter(by(`audit.${route}`, id));
        expect(tried).toMatchObject([{ request_id: `${route}.${id}`, details: { outcome: 'denied' } }]);
        expect(tried.every(denied)).toBe(true);
      }
      (await gatewayOf(stack).get(`/v1/audit/${route}`)).refused(401);
    }
    expect(await verify(owner.api)).toMatchObject({ chain_valid: true });
  });

  it('are of the own org only', async () => {
    const [mine, other] = [await newTrail(1), await newTrail(3)];
    expect(JSON.parse((await exportOf(mine.api)).split('\n')[0] ?? '')).toMatchObject({ org_id: mine.orgId });
    await tamper(`UPDATE events SET action = 'x' WHERE org_id = $1 AND position = 1`, other);
    expect(await verify(mine.api)).toMatchObject({ chain_valid: true });
    expect(await verify(other.api)).toMatchObject({ chain_valid: false });
  });
});

describe('the keys that verify checkpoints', () => {
  it('are the same from the HSM and from the public route', async () => {
    const published = (await gatewayOf(stack).get('/.well-known/audit-checkpoint-keys.json')).as<object>(200);
    expect(published).toEqual(JSON.parse(keys));
  });
});

describe("audit-svc's own role", () => {
  it.each([
    'UPDATE events SET action = action',
    'DELETE FROM events',
    'TRUNCATE events',
    'UPDATE checkpoints SET key_id = key_id',
    'DELETE FROM checkpoints',
    'TRUNCATE checkpoints',
    'DELETE FROM chain_heads',
    'INSERT INTO events SELECT * FROM events LIMIT 1 ON CONFLICT (id) DO UPDATE SET action = excluded.action',
    'MERGE INTO checkpoints USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE',
    'SELECT FROM events FOR UPDATE',
    'DROP TABLE events',
    'DROP SCHEMA public CASCADE',
    'ALTER TABLE events DISABLE TRIGGER ALL',
    'ALTER TABLE events RENAME TO other_events',
    'ALTER TABLE checkpoints OWNER TO CURRENT_USER',
    'REASSIGN OWNED BY oneclaw_audit_owner TO CURRENT_USER',
    'SET ROLE oneclaw_audit_owner',
    'CREATE POLICY p ON events USING (false)',
    'CREATE RULE r AS ON INSERT TO events DO INSTEAD NOTHING',
    'CREATE VIEW v AS SELECT * FROM events',
    'CREATE TEMP TABLE events (id uuid)',
    'CREATE SCHEMA s',
    'CREATE TRIGGER t BEFORE INSERT ON events EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    'SET session_replication_role = replica',
  ])('may not: %s', async (statement) => {
    await inDatabase('app', async (client) => {
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
    });
  });

  it('has INSERT and SELECT on events and checkpoints, and nothing more', async () => {
    const granted = await inDatabase('app', async (client) => {
      const sql = `SELECT table_name, string_agg(privilege_type, ',' ORDER BY privilege_type) AS privileges
        FROM information_schema.role_table_grants
        WHERE table_name IN ('events', 'checkpoints') AND grantee = current_user GROUP BY table_name ORDER BY table_name`;
      return (await client.query<{ table_name: string; privileges: string }>(sql)).rows;
    });
    expect(granted).toEqual([
      { table_name: 'checkpoints', privileges: 'INSERT,SELECT' },
      { table_name: 'events', privileges: 'INSERT,SELECT' },
    ]);
  });
});

describe('three replicas of audit-svc', () => {
  /** The orgs whose chains were not signed because they contradict themselves. */
  const alarmsOf = (logs: string): string[] =>
    logs
      .split('\n')
      .filter((line) => line.includes('Somebody changed the database'))
      .map((line) => (JSON.parse(line) as { orgId: string }).orgId);
  const doubled = `SELECT position FROM checkpoints WHERE org_id = $1 GROUP BY position HAVING count(*) > 1`;

  it(
    'sign each end once, killed in the middle of it or not, and every chain verifies',
    async () => {
      const owners = await Promise.all(Array.from({ length: 6 }, () => newTrail(1)));
      const vaults = await Promise.all(owners.map((owner) => newVault(owner)));
      const writes = async (round: number) => {
        for (const [index, owner] of owners.entries())
          (await owner.api.put(secretUrl(vaults[index]!, `r-${round}`), { value: 'v' })).as(201);
      };
      for (let round = 0; round < 12; round += 1) {
        const victim = stack.service('audit-svc', round % 3);
        await writes(round);
        await victim.kill('SIGKILL');
        await writes(round + 100);
        await victim.start();
      }
      for (const owner of owners) {
        await arrived(owner, 'secret.write', 25);
        const count = (await eventsOf(owner.api)).length;
        expect(await signedThrough(owner, count)).toMatchObject({ chain_valid: true, events_checked: count });
        const { rows } = await inDatabase('owner', (client) => client.query(doubled, [owner.orgId]));
        expect(rows).toEqual([]);
        expect(await judge(await exportOf(owner.api), keys)).toMatchObject({ exitCode: 0 });
      }
      const alarms = [0, 1, 2].flatMap((index) => alarmsOf(stack.service('audit-svc', index).logs()));
      expect(alarms.filter((org) => owners.some(({ orgId }) => orgId === org))).toEqual([]);
    },
    180 * SECOND,
  );
});

describe('a new generation of the checkpoint key', () => {
  it('signs within seconds, nothing restarts, and both verify', async () => {
    const owner = await newTrail(2);
    const vault = await newVault(owner);
    const old = (await signedThrough(owner, 1)).checkpoint!.key_id;
    expect(await hsmCli(stack, 'rotate-checkpoint-key')).toMatch(/^Made oneclaw-checkpoint-2/);
    let round = 0;
    await eventually('the new key signs', 30 * SECOND, async () => {
      (await owner.api.put(secretUrl(vault, `k-${round++}`), { value: 'v' })).as(201);
      const { chain_valid, checkpoint } = await verify(owner.api);
      expect(chain_valid).toBe(true);
      return checkpoint && checkpoint.key_id !== old ? true : undefined;
    });
    const both = await hsmCli(stack, 'checkpoint-keys');
    const exported = await exportOf(owner.api);
    expect(await judge(exported, both)).toMatchObject({ exitCode: 0 });
    // Who only trusts the old key finds the chain whole, and its end not vouched for.
    expect(await judge(exported, keys)).toMatchObject({ exitCode: 3 });
  });
});
