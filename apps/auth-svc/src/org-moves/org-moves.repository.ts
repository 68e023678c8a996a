import { Injectable } from '@nestjs/common';
import type { Role } from '@oneclaw/caller';
import { execute, query, type Executor } from '@oneclaw/database';
import type { Offer } from '../invitations/invitation.entity.js';

/** Where a user is, and the newest invitation that the user could take up if that org is empty. */
export interface Standing {
  orgId: string;
  role: Role;
  offer: Offer | null;
}

/** A hold that is not needed any more. */
export interface AbandonedMove {
  id: string;
  orgId: string;
}

const FIND = `
  SELECT m.org_id AS "orgId", m.role,
         (SELECT json_build_object('id', i.id, 'orgId', i.org_id, 'role', i.role, 'invitedBy', i.invited_by)
            FROM org_invitations i
           WHERE i.email_canonical = u.email_canonical AND i.org_id <> m.org_id AND i.expires_at > clock_timestamp()
             AND (u.email_verified OR $2)
           ORDER BY i.created_at DESC LIMIT 1) AS offer
    FROM users u JOIN memberships m ON m.user_id = u.id
   WHERE u.id = $1`;

/** Those whose process has died, or failed; one that is committing right now is left alone. */
const GIVE_UP = `
  UPDATE org_moves SET given_up = true WHERE id IN (
    SELECT id FROM org_moves WHERE created_at < clock_timestamp() - $1 * interval '1 millisecond' AND NOT given_up
       FOR UPDATE SKIP LOCKED)`;

/** Moves from one org to another that are under way. */
@Injectable()
export class OrgMovesRepository {
  /** Without an org: of somebody who has just proven who they are. `confirmed`: the address is verified in a moment. */
  async findStanding(executor: Executor, userId: string, confirmed: boolean): Promise<Standing | undefined> {
    const [standing] = await query<Standing>(executor, FIND, [userId, confirmed], { prepare: 'find-standing' });
    return standing;
  }

  /** Committed before vault-svc is asked for the hold `id`, so that somebody will release it whatever happens. */
  async begin(executor: Executor, id: string, orgId: string): Promise<void> {
    await execute(executor, 'INSERT INTO org_moves (id, org_id) VALUES ($1, $2)', [id, orgId]);
  }

  /** In the transaction of the move: false where it was given up, so that the hold may be gone. */
  async finish(executor: Executor, id: string): Promise<boolean> {
    return (await execute(executor, 'DELETE FROM org_moves WHERE id = $1 AND NOT given_up', [id])) === 1;
  }

  async giveUp(executor: Executor, olderThanMs: number): Promise<void> {
    await execute(executor, GIVE_UP, [olderThanMs]);
  }

  async findGivenUp(executor: Executor, limit: number): Promise<AbandonedMove[]> {
    const text = 'SELECT id, org_id AS "orgId" FROM org_moves WHERE given_up ORDER BY created_at LIMIT $1';
    return query<AbandonedMove>(executor, text, [limit]);
  }

  /** The hold is released. */
  async forget(executor: Executor, id: string): Promise<void> {
    await execute(executor, 'DELETE FROM org_moves WHERE id = $1', [id]);
  }
}
