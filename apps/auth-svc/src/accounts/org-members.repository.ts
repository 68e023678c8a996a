import { Injectable } from '@nestjs/common';
import type { Role } from '@oneclaw/caller';
import { execute, query, type Executor } from '@oneclaw/database';

export interface OrgMember {
  userId: string;
  role: Role;
}

/** Who is in an org, where that decides something: lock first, then count. */
@Injectable()
export class OrgMembersRepository {
  /**
   * The members, and nobody joins, leaves or changes roles until the transaction ends, provided that whoever changes them
   * locks the org likewise (inserting a membership does so by its foreign key). Empty where there is no such org.
   */
  async lock(executor: Executor, orgId: string): Promise<OrgMember[]> {
    await query(executor, 'SELECT FROM orgs WHERE id = $1 FOR UPDATE', [orgId]);
    return query<OrgMember>(executor, 'SELECT user_id AS "userId", role FROM memberships WHERE org_id = $1', [orgId]);
  }

  /** With all that is the user's own (foreign keys cascade). */
  async deleteUser(executor: Executor, orgId: string, userId: string): Promise<void> {
    const text = `
      DELETE FROM users WHERE id = $2 AND EXISTS (SELECT FROM memberships WHERE org_id = $1 AND user_id = $2)`;
    await execute(executor, text, [orgId, userId]);
  }

  /** With its agents. */
  async deleteOrg(executor: Executor, orgId: string): Promise<void> {
    await execute(executor, 'DELETE FROM orgs WHERE id = $1', [orgId]);
  }
}
