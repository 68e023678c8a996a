import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '@oneclaw/stack';
import { Client } from 'pg';
import { say } from '../roomy-stack.js';
import { GENESIS, hashOf } from './event-hash.js';
import type { OrgHistory } from './history.js';

const BATCH = 4000;
const DAY_MS = 86_400_000;
const SPAN_MS = 180 * DAY_MS;
const SAY_EVERY = 500_000;

const HEAD = `SELECT position::float8, event_id AS "eventId", integrity_hash AS "integrityHash" FROM chain_heads WHERE org_id = $1`;

/** What the service's own insert does, and the chain's new end, unless somebody else has moved it meanwhile. */
const INSERT = `
  WITH moved AS (
    INSERT INTO chain_heads AS head (org_id, position, event_id, integrity_hash) VALUES ($1, $3, $4, $5)
    ON CONFLICT (org_id) DO UPDATE SET position = excluded.position, event_id = excluded.event_id, integrity_hash = excluded.integrity_hash
    WHERE head.position = $2
    RETURNING 1
  ), added AS (
    INSERT INTO events (org_id, position, id, prev_event_id, actor_type, actor_id, action, resource_type, resource_id,
      details, vault_id, path, ip_address, request_id, created_at, integrity_hash)
    SELECT $1, $2::bigint + n, id, prev_id, actor_type, actor_id, action, resource_type, resource_id, details,
      details::json ->> 'vault_id', details::json ->> 'path', ip_address, request_id, created_at, hash
    FROM unnest($6::uuid[], $7::uuid[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
      $15::text[], $16::timestamptz[], $17::bytea[]) WITH ORDINALITY
      AS e (id, prev_id, actor_type, actor_id, action, resource_type, resource_id, details, ip_address, request_id, created_at, hash, n)
  )
  SELECT count(*)::int AS moved FROM moved`;

interface Batch {
  orgId: string;
  after: number;
  /** As the statement takes them. */
  columns: (string | Buffer | null)[][];
  end: End;
}

/** Half a year of events, past the services: rows like those of audit-svc, in chains that verify. */
export class HistorySeeder {
  private constructor(private readonly database: Client) {}

  static async connect(stack: Stack): Promise<HistorySeeder> {
    const database = new Client({ connectionString: stack.databaseUrl('audit-svc', 'superuser') });
    await database.connect();
    return new HistorySeeder(database);
  }

  close(): Promise<void> {
    return this.database.end();
  }

  /** Each org gets as many as it is told. Indexes are built at the end, which takes a fraction of keeping them while rows come in. */
  async seed(orgs: readonly { history: OrgHistory; events: number }[]): Promise<void> {
    const indexes = await this.dropIndexes();
    await this.database.query(`ALTER SYSTEM SET max_wal_size = '16GB'`);
    await this.database.query('SELECT pg_reload_conf()');
    const total = orgs.reduce((sum, { events }) => sum + events, 0);
    let done = 0;
    let inserting = Promise.resolve();
    for (const { history, events } of orgs) {
      await inserting;
      for (const batch of chained(history, await this.headOf(history.orgId), events)) {
        // The next batch is made while Postgres stores this one.
        await inserting;
        inserting = this.insert(batch);
        // Awaited in the next turn: until then nobody listens.
        inserting.catch(() => undefined);
        done += batch.columns[0]!.length;
        if (done % SAY_EVERY < BATCH) say(`${done.toLocaleString('en')} of ${total.toLocaleString('en')} events …`);
        await pause(0);
      }
    }
    await inserting;
    await this.database.query(`SET maintenance_work_mem = '1GB'`);
    for (const definition of indexes) {
      say(`${definition.replace(/ ON .*/, '')} …`);
      await this.database.query(definition);
    }
    say('vacuum, analyze and checkpoint …');
    await this.database.query('VACUUM (ANALYZE) events');
    await this.database.query('CHECKPOINT');
    await this.database.query('ALTER SYSTEM RESET max_wal_size');
    await this.database.query('SELECT pg_reload_conf()');
  }

  /** All but those that hold a constraint. Answers how to make them again. */
  private async dropIndexes(): Promise<string[]> {
    const { rows } = await this.database.query<{ name: string; definition: string }>(
      `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
       WHERE i.indrelid = 'events'::regclass AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)`,
    );
    for (const { name } of rows) await this.database.query(`DROP INDEX ${name}`);
    return rows.map(({ definition }) => definition);
  }

  private async headOf(orgId: string): Promise<End> {
    const { rows } = await this.database.query<End>(HEAD, [orgId]);
    return rows[0] ?? { position: 0, eventId: null, integrityHash: GENESIS };
  }

  private async insert({ orgId, after, columns, end }: Batch): Promise<void> {
    const values = [orgId, after, end.position, end.eventId, end.integrityHash, ...columns];
    const { rows } = await this.database.query<{ moved: number }>(INSERT, values);
    if (rows[0]?.moved !== 1) throw new Error(`somebody else adds events to org ${orgId}`);
  }
}

interface End {
  position: number;
  eventId: string | null;
  integrityHash: Buffer;
}

/** Batches of a chain from where it ends, spread evenly over the last half year. */
function* chained(history: OrgHistory, from: End, count: number): Generator<Batch> {
  const { orgId } = history;
  const start = Date.now() - SPAN_MS;
  let end = from;
  for (let done = 0; done < count;) {
    const after = end.position;
    const columns: (string | Buffer | null)[][] = Array.from({ length: 12 }, () => []);
    for (const until = Math.min(count, done + BATCH); done < until; done += 1) {
      const time = Math.floor(start + (done / count) * SPAN_MS);
      const [id, position] = [uuidV7(time), end.position + 1];
      const { actorType, actorId, action, resourceType, resourceId, details, ipAddress, requestId } = history.next();
      const texts = [
        actorType,
        actorId,
        action,
        resourceType,
        resourceId,
        JSON.stringify(details),
        ipAddress,
        requestId,
      ];
      const integrityHash = hashOf(
        [{ uuid: orgId }, position, { uuid: id }, { uuid: end.eventId }, ...texts, time * 1000],
        end.integrityHash,
      );
      const row = [id, end.eventId, ...texts, new Date(time).toISOString(), integrityHash];
      row.forEach((value, column) => columns[column]!.push(value));
      end = { position, eventId: id, integrityHash };
    }
    yield { orgId, after, columns, end };
  }
}

function uuidV7(time: number): string {
  const hex = time.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${randomUUID().slice(15)}`;
}
