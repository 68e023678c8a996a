import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';

/** A mail whose turn it is, lent to the replica that asked. */
export interface DueMail {
  id: string;
  payload: Buffer;
  /** This one included. */
  attempts: number;
  /** Since it came in. */
  ageMs: number;
}

export type Settlement = 'sent' | 'undeliverable' | 'dead';

const INSERT = `
  INSERT INTO mails (id, kind, payload) SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[]) ON CONFLICT (id) DO NOTHING`;

const TAKE = `
  UPDATE mails SET attempts = attempts + 1, next_attempt_at = clock_timestamp() + $1 * interval '1 millisecond'
   WHERE id = (SELECT id FROM mails WHERE state = 'waiting' AND next_attempt_at <= clock_timestamp()
                ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING id, payload, attempts, (extract(epoch FROM clock_timestamp() - created_at) * 1000)::float8 AS "ageMs"`;

const SETTLE = `
  UPDATE mails SET state = $2, settled_at = clock_timestamp(), last_error = $3,
                   payload = CASE WHEN $2 = 'dead' THEN payload END
   WHERE id = $1 AND state = 'waiting'`;

const POSTPONE = `
  UPDATE mails SET next_attempt_at = clock_timestamp() + $2 * interval '1 millisecond', last_error = $3
   WHERE id = $1 AND state = 'waiting'`;

/** Longer than any event may come again. */
const PRUNE = `DELETE FROM mails WHERE settled_at < clock_timestamp() - interval '60 days'`;

/** Mails that wait to be sent, and the ids of those that need not be sent again. Spans orgs: one server sends for all. */
@Injectable()
export class MailsRepository {
  /** An id that is known already, sent or not, changes nothing. */
  async insert(executor: Executor, mails: readonly { id: string; kind: string; payload: Uint8Array }[]): Promise<void> {
    const columns = [mails.map((mail) => mail.id), mails.map((mail) => mail.kind), mails.map((mail) => mail.payload)];
    await execute(executor, INSERT, columns);
  }

  /** The one that is due longest; nobody else gets it for `lendMs`. */
  async take(executor: Executor, lendMs: number): Promise<DueMail | undefined> {
    const [mail] = await query<DueMail>(executor, TAKE, [lendMs], { prepare: 'take-mail' });
    return mail;
  }

  /** Removes what the mail says, except of a dead one, which a person may want to look at. */
  async settle(executor: Executor, id: string, state: Settlement, error: string | null = null): Promise<void> {
    await execute(executor, SETTLE, [id, state, error]);
  }

  async postpone(executor: Executor, id: string, delayMs: number, error: string): Promise<void> {
    await execute(executor, POSTPONE, [id, delayMs, error]);
  }

  async prune(executor: Executor): Promise<void> {
    await execute(executor, PRUNE);
  }
}
