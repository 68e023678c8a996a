import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';

export interface EnrollmentRequest {
  addressHash: Buffer;
  emailCanonical: string;
  agentId: string;
  name: string;
  description: string | null;
  ipAddress: string;
  requestId: string;
}

/** An enrolment that waits to be carried out, lent to the replica that asked. */
export interface DueEnrollment {
  addressHash: Buffer;
  userId: string;
  agentId: string;
  name: string;
  description: string | null;
  ipAddress: string;
  requestId: string;
}

/**
 * One statement and one row, whether or not the address is anybody's: what is known of it shows in no time that it takes. Of an address
 * of nobody only the hash stays. Nothing is written while the last one is younger than the pause; one that is older, and
 * was not carried out because something is down, gives way.
 */
const ADMIT = `
  INSERT INTO enrollments AS e (address_hash, requested_at, user_id, agent_id, name, description, ip_address, request_id,
                                next_attempt_at)
  SELECT $1, clock_timestamp(), u.id, CASE WHEN u.id IS NOT NULL THEN $3::uuid END,
         CASE WHEN u.id IS NOT NULL THEN $4 END, CASE WHEN u.id IS NOT NULL THEN $5 END,
         CASE WHEN u.id IS NOT NULL THEN $6 END, CASE WHEN u.id IS NOT NULL THEN $7 END, clock_timestamp()
    FROM (SELECT) AS one LEFT JOIN users u ON u.email_canonical = $2
  ON CONFLICT (address_hash) DO UPDATE
     SET requested_at = excluded.requested_at, user_id = excluded.user_id, agent_id = excluded.agent_id, name = excluded.name,
         description = excluded.description, ip_address = excluded.ip_address, request_id = excluded.request_id,
         next_attempt_at = excluded.next_attempt_at
   WHERE e.requested_at <= clock_timestamp() - $8 * interval '1 millisecond'
  RETURNING 1`;

const AGE = `
  SELECT (extract(epoch FROM clock_timestamp() - requested_at) * 1000)::float8 AS "ageMs" FROM enrollments WHERE address_hash = $1`;

const TAKE = `
  UPDATE enrollments SET next_attempt_at = clock_timestamp() + $1 * interval '1 millisecond'
   WHERE address_hash = (SELECT address_hash FROM enrollments WHERE user_id IS NOT NULL AND next_attempt_at <= clock_timestamp()
                          ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING address_hash AS "addressHash", user_id AS "userId", agent_id AS "agentId", name, description,
            ip_address AS "ipAddress", request_id AS "requestId"`;

const FINISH = `
  UPDATE enrollments SET user_id = NULL, agent_id = NULL, name = NULL, description = NULL, ip_address = NULL, request_id = NULL
   WHERE address_hash = $1 AND agent_id = $2`;

const PRUNE = `DELETE FROM enrollments WHERE user_id IS NULL AND requested_at < clock_timestamp() - interval '1 hour'`;

/** Enrolments by address. Who asks is nobody yet, so they know no org. */
@Injectable()
export class EnrollmentsRepository {
  /** False where another one has to be waited for. */
  async admit(executor: Executor, request: EnrollmentRequest, pauseMs: number): Promise<boolean> {
    const { addressHash, emailCanonical, agentId, name, description, ipAddress, requestId } = request;
    const values = [addressHash, emailCanonical, agentId, name, description, ipAddress, requestId, pauseMs];
    return (await query(executor, ADMIT, values, { prepare: 'admit-enrollment' })).length === 1;
  }

  /** How long ago the address was last admitted. */
  async ageMs(executor: Executor, addressHash: Buffer): Promise<number> {
    const [row] = await query<{ ageMs: number }>(executor, AGE, [addressHash]);
    return row?.ageMs ?? 0;
  }

  /** The one that is due longest; nobody else gets it for `lendMs`. */
  async take(executor: Executor, lendMs: number): Promise<DueEnrollment | undefined> {
    const [due] = await query<DueEnrollment>(executor, TAKE, [lendMs], { prepare: 'take-enrollment' });
    return due;
  }

  /** What it asked for is forgotten; the pause goes on. False where another replica was first. */
  async finish(executor: Executor, { addressHash, agentId }: DueEnrollment): Promise<boolean> {
    return (await execute(executor, FINISH, [addressHash, agentId])) === 1;
  }

  async prune(executor: Executor): Promise<void> {
    await execute(executor, PRUNE);
  }
}
