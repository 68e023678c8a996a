import { Injectable } from '@nestjs/common';
import { query, type Executor } from '@oneclaw/database';

/** Shares that an org may make in any minute (contract, section 7). */
const PER_MINUTE = 10;

const RECENT = (times: string) => `
  ARRAY(SELECT time FROM unnest(${times}) AS time WHERE time > clock_timestamp() - interval '1 minute' ORDER BY time)`;

/** The org's row stays locked until the end of the transaction, so that creations in parallel are judged one after the other. */
const LOCK = `
  INSERT INTO share_creations AS c (org_id, times) VALUES ($1, '{}')
  ON CONFLICT (org_id) DO UPDATE SET times = ${RECENT('c.times')}
  RETURNING cardinality(times) AS count, ${secondsUntilFree('times')} AS wait`;

const LOOK = `
  SELECT cardinality(times) AS count, ${secondsUntilFree('times')} AS wait
  FROM (SELECT ${RECENT('times')} AS times FROM share_creations WHERE org_id = $1) c`;

const ADD = 'UPDATE share_creations SET times = times || clock_timestamp() WHERE org_id = $1';

/** Of an org that is not deleted soon, a row of yesterday says nothing. */
const PRUNE = `
  DELETE FROM share_creations
  WHERE coalesce(times[cardinality(times)], '-infinity') < clock_timestamp() - interval '1 day'`;

interface Creations {
  count: number;
  wait: number;
}

/** Counts the shares that an org makes, over a minute that slides. */
@Injectable()
export class ShareCreationsRepository {
  /** Needs the transaction that makes the share. 0 = counted; else the seconds until the org may make another one. */
  async take(executor: Executor, orgId: string): Promise<number> {
    const wait = waitOf(await query<Creations>(executor, LOCK, [orgId]));
    if (wait === 0) await query(executor, ADD, [orgId]);
    return wait;
  }

  /** As `take`, but without counting: spares those who will be refused anyway what comes before. */
  async look(executor: Executor, orgId: string): Promise<number> {
    return waitOf(await query<Creations>(executor, LOOK, [orgId]));
  }

  async prune(executor: Executor): Promise<void> {
    await query(executor, PRUNE);
  }
}

function secondsUntilFree(times: string): string {
  return `ceil(extract(epoch FROM ${times}[1] + interval '1 minute' - clock_timestamp()))::int`;
}

function waitOf([found]: readonly Creations[]): number {
  return found && found.count >= PER_MINUTE ? Math.max(1, found.wait) : 0;
}
