import { Injectable } from '@nestjs/common';
import type { Role } from '@oneclaw/caller';
import { query, type Executor } from '@oneclaw/database';
import type { User } from '../accounts/user.entity.js';

export interface PlatformUser extends Pick<User, 'id' | 'email' | 'displayName' | 'authMethod'> {
  role: Role;
  orgId: string;
  orgName: string;
  createdAt: Date;
}

/** UUIDv7 order is the order of creation. */
const LIST = `
  SELECT u.id, u.email, u.display_name AS "displayName", u.auth_method AS "authMethod", m.role, m.org_id AS "orgId",
         o.name AS "orgName", u.created_at AS "createdAt"
    FROM users u JOIN memberships m ON m.user_id = u.id JOIN orgs o ON o.id = m.org_id
   ORDER BY u.id DESC LIMIT $1 OFFSET $2`;

/** Users of all orgs, for those who run the installation. */
@Injectable()
export class PlatformUsersRepository {
  async list(executor: Executor, limit: number, offset: number): Promise<PlatformUser[]> {
    return query<PlatformUser>(executor, LIST, [limit, offset]);
  }

  async count(executor: Executor): Promise<number> {
    const [row] = await query<{ total: number }>(executor, 'SELECT count(*) AS total FROM memberships');
    return row?.total ?? 0;
  }

  async findOrg(executor: Executor, orgId: string): Promise<{ orgId: string; name: string } | undefined> {
    const text = 'SELECT id AS "orgId", name FROM orgs WHERE id = $1';
    const [org] = await query<{ orgId: string; name: string }>(executor, text, [orgId]);
    return org;
  }

  async findOrgOf(executor: Executor, userId: string): Promise<string | undefined> {
    const text = 'SELECT org_id AS "orgId" FROM memberships WHERE user_id = $1';
    const [row] = await query<{ orgId: string }>(executor, text, [userId]);
    return row?.orgId;
  }
}
