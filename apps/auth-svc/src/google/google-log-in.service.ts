import { Injectable } from '@nestjs/common';
import { canonicalEmail } from '@oneclaw/caller';
import { isUniqueViolation } from '@oneclaw/database';
import { invalid, unauthenticated } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { originOf } from '../audit/audit-trail.js';
import { authFailure } from '../audit/auth-events.js';
import { commitEvents } from '../audit/commit-events.js';
import { SecondStep } from '../mfa/second-step.js';
import { GoogleAccountsRepository } from './google-accounts.repository.js';
import { AccountChanged, GoogleEntry } from './google-entry.js';
import { type GoogleIdentity, GoogleTokenRefused, GoogleTokens } from './google-tokens.js';

/** Logins with Google: the token's subject is who it is; its address only finds the account the first time. */
@Injectable()
export class GoogleLogInService {
  constructor(
    private readonly database: DataSource,
    private readonly tokens: GoogleTokens,
    private readonly accounts: GoogleAccountsRepository,
    private readonly entry: GoogleEntry,
    private readonly secondStep: SecondStep,
  ) {}

  async logIn(idToken: string, call: CallContext) {
    if (!this.tokens.isConfigured) throw invalid('This server does not offer to sign in with Google.');
    const identity = await this.verify(idToken, call);
    try {
      return await this.enter(identity, call);
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      // A login of the same person at the same time was faster: now there is something to find.
      return this.enter(identity, call);
    }
  }

  private async enter(identity: GoogleIdentity, call: CallContext) {
    const { sub, email } = identity;
    const account =
      (await this.accounts.findBySub(this.database, sub)) ??
      (await this.accounts.findByEmail(this.database, canonicalEmail(email)));
    const { user, work } = await this.entry.of(identity, account, call);
    const proof = { kind: 'google' as const, method: 'google' as const, work, confirmsAddress: true as const };
    return this.secondStep.proceed(user, proof, call);
  }

  private async verify(idToken: string, call: CallContext): Promise<GoogleIdentity> {
    try {
      return await this.tokens.verify(idToken);
    } catch (error) {
      if (!(error instanceof GoogleTokenRefused)) throw error;
      const failure = authFailure({ resourceType: 'user', method: 'google', reason: error.reason }, originOf(call));
      await commitEvents(this.database.manager, [failure]);
      throw unauthenticated('The Google ID token is not valid.');
    }
  }
}

function isOvertaken(error: unknown): boolean {
  return (
    error instanceof AccountChanged ||
    isUniqueViolation(error, 'users_google_sub_key') ||
    isUniqueViolation(error, 'users_email_canonical_key')
  );
}
