import { Injectable } from '@nestjs/common';
import type { LogInRequest, LogInResponse } from '@oneclaw/contracts/auth';
import { transaction } from '@oneclaw/database';
import { type DomainError, unauthenticated } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { originOf } from '../audit/audit-trail.js';
import { authFailure, authSuccess } from '../audit/auth-events.js';
import { commitEvents } from '../audit/commit-events.js';
import { Passwords } from '../passwords/passwords.js';
import { SessionIssuer } from '../sessions/session-issuer.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { AccountsRepository } from './accounts.repository.js';
import { parseEmail } from './email-address.js';
import type { Account } from './user.entity.js';

/** Password logins. Unknown address and wrong password answer the same, after the same work. */
@Injectable()
export class LogInService {
  constructor(
    private readonly database: DataSource,
    private readonly accounts: AccountsRepository,
    private readonly passwords: Passwords,
    private readonly issuer: SessionIssuer,
    private readonly sessions: SessionsRepository,
  ) {}

  async logIn({ email, password }: LogInRequest, call: CallContext): Promise<LogInResponse> {
    const account = await this.find(email);
    const hash = account?.passwordHash ?? undefined;
    if (!(await this.passwords.verify(hash, password)) || !account || !hash) throw await this.refuse(account, call);
    const { session, token } = await this.issuer.issueToUser(account, 'password', call);
    const newHash = await this.passwords.rehash(hash, password);
    await transaction(this.database, async (manager) => {
      if (newHash) await this.accounts.replaceHash(manager, account.orgId, account.id, hash, newHash);
      await this.sessions.insert(manager, [session]);
      await commitEvents(manager, [authSuccess(session, 'password', originOf(call))]);
    });
    return { token };
  }

  private async find(email: string): Promise<Account | undefined> {
    const address = parseEmail(email);
    return address && this.accounts.findByEmail(this.database, address.canonical);
  }

  /** Commits the failure and answers the one error there is. An unknown address is not kept. */
  private async refuse(account: Account | undefined, call: CallContext): Promise<DomainError> {
    const tried = { resourceType: 'user', orgId: account?.orgId, resourceId: account?.id };
    const reason = account ? 'wrong_password' : 'unknown_account';
    await commitEvents(this.database.manager, [authFailure({ ...tried, method: 'password', reason }, originOf(call))]);
    return unauthenticated('The email address or the password is wrong.');
  }
}
