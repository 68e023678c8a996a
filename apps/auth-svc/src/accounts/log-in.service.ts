import { Injectable } from '@nestjs/common';
import { canonicalEmail, parseEmail } from '@oneclaw/caller';
import type { LogInRequest, LogInResponse } from '@oneclaw/contracts/auth';
import { type DomainError, unauthenticated } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { originOf } from '../audit/audit-trail.js';
import { authFailure } from '../audit/auth-events.js';
import { commitEvents } from '../audit/commit-events.js';
import { SecondStep } from '../mfa/second-step.js';
import { VerificationMails } from '../verification/verification-mails.js';
import { AccountsRepository } from './accounts.repository.js';
import { PasswordCheck } from './password-check.js';
import type { Account } from './user.entity.js';

/** Password logins. Unknown address and wrong password answer the same, after the same work, and are throttled alike. */
@Injectable()
export class LogInService {
  constructor(
    private readonly database: DataSource,
    private readonly accounts: AccountsRepository,
    private readonly passwords: PasswordCheck,
    private readonly secondStep: SecondStep,
    private readonly verifications: VerificationMails,
  ) {}

  async logIn({ email, password }: LogInRequest, call: CallContext): Promise<LogInResponse> {
    const account = await this.find(email);
    const hash = account?.passwordHash ?? undefined;
    const match = await this.passwords.match(canonicalEmail(email), hash, password, call);
    if (!match || !account) throw await this.refuse(account, call);
    const work = await this.sideWork(account, match.newHash, call);
    return this.secondStep.proceed(account, { kind: 'password', method: 'password', work }, call);
  }

  /** What a login brings with it: a hash at today's cost, and another link where the one to prove the address has expired. */
  private async sideWork(account: Account, newHash: string | undefined, call: CallContext) {
    const { id, orgId, passwordHash, emailVerified } = account;
    const verification = emailVerified ? undefined : await this.verifications.renewal(account, call);
    return async (manager: EntityManager): Promise<void> => {
      if (newHash) await this.accounts.replaceHash(manager, orgId, id, passwordHash as string, newHash);
      if (verification) await this.verifications.write(manager, verification);
    };
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
