import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { conflict, invalid, notFound } from '@oneclaw/errors';
import { type AuditAction, auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import { AccountRemoval } from '../accounts/account-removal.js';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { PlatformAccess } from './platform-access.js';
import { type PlatformUser, PlatformUsersRepository } from './platform-users.repository.js';

const MAX_LIMIT = 500;

/** Everybody who has an account, for those who run the installation. */
@Injectable()
export class PlatformUsersService {
  constructor(
    private readonly database: DataSource,
    private readonly users: PlatformUsersRepository,
    private readonly removal: AccountRemoval,
    private readonly access: PlatformAccess,
  ) {}

  async list(
    caller: Caller,
    call: CallContext,
    { limit, offset }: { limit: number; offset: number },
  ): Promise<{ users: PlatformUser[]; total: number }> {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw invalid('The limit is not valid.', { limit: `must be between 1 and ${MAX_LIMIT}` });
    }
    await this.access.require(caller, call, { action: 'admin.list_users', resourceType: 'user' });
    const [users, total] = await Promise.all([
      this.users.list(this.database, limit, offset),
      this.users.count(this.database),
    ]);
    return { users, total };
  }

  async delete(caller: Caller, call: CallContext, userId: string): Promise<void> {
    const attempt = { action: 'admin.delete_user' as const, resourceType: 'user', resourceId: userId };
    await this.access.require(caller, call, attempt);
    if (userId === caller.id) throw conflict('Nobody deletes themselves here: DELETE /v1/auth/me does that.');
    const orgId = isUuid(userId) ? await this.users.findOrgOf(this.database, userId) : undefined;
    if (!orgId) throw notFound('User');
    await transaction(this.database, async (manager) => {
      await this.removal.removeByPlatform(manager, { orgId, userId }, call);
      await commitEvents(manager, [
        auditEvent({ ...attempt, ...actorOf(caller), ...originOf(call), details: { org_id: orgId } }),
      ]);
    });
  }

  /** @param action what the caller wants of the org, for the trail */
  async findOrg(
    caller: Caller,
    call: CallContext,
    orgId: string,
    action: AuditAction,
  ): Promise<{ orgId: string; name: string }> {
    await this.access.require(caller, call, { action, resourceType: 'org', resourceId: orgId });
    const org = isUuid(orgId) ? await this.users.findOrg(this.database, orgId) : undefined;
    if (!org) throw notFound('Organisation');
    return org;
  }
}
