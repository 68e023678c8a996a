import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { notFound } from '@oneclaw/errors';
import { auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { MailOutbox } from '../mail/mail-outbox.js';
import { OtherSessions } from '../sessions/other-sessions.js';
import { type Credentials, CredentialsRepository } from './credentials.repository.js';

/** Puts a new password in the place of another, with all that follows from it. */
@Injectable()
export class PasswordReplacement {
  constructor(
    private readonly database: DataSource,
    private readonly credentials: CredentialsRepository,
    private readonly otherSessions: OtherSessions,
    private readonly mails: MailOutbox,
  ) {}

  async find(caller: Caller): Promise<Credentials> {
    const credentials = await this.credentials.find(this.database, caller.orgId, caller.id);
    if (!credentials) throw notFound('Account');
    return credentials;
  }

  /** False where somebody else was faster, so that the old password is not the current one any more. */
  async replace(caller: Caller, call: CallContext, old: Credentials, newHash: string): Promise<boolean> {
    const { orgId, id } = caller;
    const params = { changed_at: new Date().toISOString(), ip_address: call.clientIp };
    const mail = await this.mails.prepare({ kind: 'password_changed', orgId, to: old.email, params }, call);
    return transaction(this.database, async (manager) => {
      const epoch = await this.credentials.replacePassword(manager, orgId, id, old.passwordHash, newHash);
      if (epoch === undefined) return false;
      await this.otherSessions.end(manager, caller, epoch);
      await this.mails.enqueue(manager, mail);
      await commitEvents(manager, [eventOf(caller, call, {})]);
      return true;
    });
  }

  async recordRefusal(caller: Caller, call: CallContext): Promise<void> {
    const details = { outcome: 'denied', reason: 'wrong_password' };
    await commitEvents(this.database.manager, [eventOf(caller, call, details)]);
  }
}

function eventOf(caller: Caller, call: CallContext, details: Record<string, string>) {
  const changed = { action: 'auth.change_password' as const, resourceType: 'user', resourceId: caller.id };
  return auditEvent({ ...actorOf(caller), ...originOf(call), ...changed, details });
}
