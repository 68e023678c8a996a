import { Injectable } from '@nestjs/common';
import type { LogInRequest, LogInResponse } from '@oneclaw/contracts/auth';
import { type DomainError, unauthenticated } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { originOf } from '../audit/audit-trail.js';
import { authFailure } from '../audit/auth-events.js';
import { commitEvents } from '../audit/commit-events.js';
import { Passwords } from '../passwords/passwords.js';
import { Throttle } from '../throttle/throttle.service.js';
import { AccountsRepository } from './accounts.repository.js';
import { canonicalEmail, parseEmail } from './email-address.js';
import { LogInCompletion } from './log-in-completion.js';
import type { Account } from './user.entity.js';

type WithPassword = Account & { passwordHash: string };

/** Password logins. Unknown address and wrong password answer the same, after the same work, and are throttled alike. */
@Injectable()
export class LogInService {
  constructor(
    private readonly database: DataSource,
    private readonly accounts: AccountsRepository,
    private readonly passwords: Passwords,
    private readonly throttle: Throttle,
    private readonly completion: LogInCompletion,
  ) {}

  async logIn({ email, password }: LogInRequest, call: CallContext): Promise<Pick<LogInResponse, 'token'>> {
    const subject = { account: canonicalEmail(email), ip: call.clientIp };
    const tried = await this.find(email);
    const account = await this.throttle.guard('password', subject, () => this.check(tried, password));
    if (!account) throw await this.refuse(tried, call);
    const newHash = await this.passwords.rehash(account.passwordHash, password);
    const { orgId, id, passwordHash } = account;
    return this.completion.complete(
      account,
      {
        kind: 'password',
        method: 'password',
        work: async (manager) => {
          if (newHash) await this.accounts.replaceHash(manager, orgId, id, passwordHash, newHash);
        },
      },
      call,
    );
  }

  private async find(email: string): Promise<Account | undefined> {
    const address = parseEmail(email);
    return address && this.accounts.findByEmail(this.database, address.canonical);
  }

  private async check(account: Account | undefined, password: string): Promise<WithPassword | undefined> {
    const passwordHash = account?.passwordHash ?? undefined;
    const matches = await this.passwords.verify(passwordHash, password);
    return matches && account && passwordHash ? { ...account, passwordHash } : undefined;
  }

  /** Commits the failure and answers the one error there is. An unknown address is not kept. */
  private async refuse(account: Account | undefined, call: CallContext): Promise<DomainError> {
    const tried = { resourceType: 'user', orgId: account?.orgId, resourceId: account?.id };
    const reason = account ? 'wrong_password' : 'unknown_account';
    await commitEvents(this.database.manager, [authFailure({ ...tried, method: 'password', reason }, originOf(call))]);
    return unauthenticated('The email address or the password is wrong.');
  }
}
