import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import type { UpdateProfileRequest } from '@oneclaw/contracts/auth';
import { transaction } from '@oneclaw/database';
import { notFound } from '@oneclaw/errors';
import { auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { AccountsRepository } from './accounts.repository.js';
import { parseProfileChange } from './profile-change.js';
import type { Profile } from './user.entity.js';

/** What people see of their own accounts, and what they change there. */
@Injectable()
export class ProfilesService {
  constructor(
    private readonly database: DataSource,
    private readonly accounts: AccountsRepository,
  ) {}

  async get(caller: Caller): Promise<Profile> {
    const profile = await this.accounts.findProfile(this.database, caller.orgId, caller.id);
    if (!profile) throw notFound('Account');
    return profile;
  }

  async update(caller: Caller, call: CallContext, request: UpdateProfileRequest): Promise<Profile> {
    const change = parseProfileChange(request);
    const fields = Object.entries(change).filter(([, value]) => value !== undefined);
    if (fields.length === 0) return this.get(caller);
    return transaction(this.database, async (manager) => {
      await this.accounts.updateProfile(manager, caller.orgId, caller.id, change);
      const profile = await this.accounts.findProfile(manager, caller.orgId, caller.id);
      if (!profile) throw notFound('Account');
      const changed = { action: 'auth.update_profile' as const, resourceType: 'user', resourceId: caller.id };
      const details = { fields: fields.map(([name]) => FIELD_NAMES[name as keyof typeof FIELD_NAMES]) };
      await commitEvents(manager, [auditEvent({ ...actorOf(caller), ...originOf(call), ...changed, details })]);
      return profile;
    });
  }
}

/** As the API calls them. */
const FIELD_NAMES = { displayName: 'display_name', marketingEmails: 'marketing_emails' };
