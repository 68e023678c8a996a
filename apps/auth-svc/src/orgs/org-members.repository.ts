import { Injectable } from '@nestjs/common';
import type { Role } from '@oneclaw/caller';
import { execute, query, type Executor } from '@oneclaw/database';
import type { MemberProfile, OrgMember } from './org-member.entity.js';

const PROFILES = `
  SELECT u.id, u.email, u.display_name AS "displayName", u.auth_method AS "authMethod", m.role, u.created_at AS "createdAt"
    FROM memberships m JOIN users u ON u.id = m.user_id
   WHERE m.org_id = $1`;

/** In one order, so that two that need the same orgs never wait for each other in a circle. */
const LOCK = 'SELECT FROM orgs WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE';

const MEMBERS = `
  SELECT user_id AS "userId", role FROM memberships WHERE org_id = $1 ORDER BY created_at, user_id`;

/** Who is in an org. Where that decides something: lock first, then count. */
@Injectable()
export class OrgMembersRepository {
  /**
   * The members, who has been there longest first; and nobody joins, leaves or changes roles until the transaction ends, provided that whoever changes them
   * locks the org likewise (inserting a membership does so by its foreign key). Empty where there is no such org.
   */
  async lock(executor: Executor, orgId: string): Promise<OrgMember[]> {
    await query(executor, LOCK, [[orgId]]);
    return query<OrgMember>(executor, MEMBERS, [orgId]);
  }

  /** As `lock`, several at once. */
  async lockOrgs(executor: Executor, orgIds: readonly string[]): Promise<void> {
    await query(executor, LOCK, [orgIds]);
  }

  async count(executor: Executor, orgId: string): Promise<number> {
    const text = 'SELECT count(*) AS count FROM memberships WHERE org_id = $1';
    const [found] = await query<{ count: number }>(executor, text, [orgId]);
    return found!.count;
  }

  /** In the order of their ids, after the one given; all without a limit. */
  async list(executor: Executor, orgId: string, after?: string, limit?: number): Promise<MemberProfile[]> {
    const text = `${PROFILES} AND ($2::uuid IS NULL OR m.user_id > $2) ORDER BY m.user_id LIMIT $3`;
    return query<MemberProfile>(executor, text, [orgId, after ?? null, limit ?? null]);
  }

  async find(executor: Executor, orgId: string, userId: string): Promise<MemberProfile | undefined> {
    const [member] = await query<MemberProfile>(executor, `${PROFILES} AND m.user_id = $2`, [orgId, userId]);
    return member;
  }

  async setRole(executor: Executor, orgId: string, userId: string, role: Role): Promise<void> {
    await execute(executor, 'UPDATE memberships SET role = $3 WHERE org_id = $1 AND user_id = $2', [
      orgId,
      userId,
      role,
    ]);
  }

  /** The account stays. False where the user is not a member. */
  async delete(executor: Executor, orgId: string, userId: string): Promise<boolean> {
    const text = 'DELETE FROM memberships WHERE org_id = $1 AND user_id = $2';
    return (await execute(executor, text, [orgId, userId])) === 1;
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
