import { Injectable } from '@nestjs/common';
import type { SignUpRequest, SignUpResponse } from '@oneclaw/contracts/auth';
import { isUniqueViolation, transaction } from '@oneclaw/database';
import { conflict } from '@oneclaw/errors';
import { identityEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { originOf } from '../audit/audit-trail.js';
import { authSuccess } from '../audit/auth-events.js';
import { commitEvents } from '../audit/commit-events.js';
import { Passwords } from '../passwords/passwords.js';
import type { Session } from '../sessions/session.entity.js';
import { SessionIssuer } from '../sessions/session-issuer.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { AccountsRepository } from './accounts.repository.js';
import { parseSignUp, type SignUpInput } from './sign-up-input.js';
import type { User } from './user.entity.js';

/** Makes an account: a user, an org that the user owns, and a first session. */
@Injectable()
export class SignUpService {
  constructor(
    private readonly database: DataSource,
    private readonly passwords: Passwords,
    private readonly accounts: AccountsRepository,
    private readonly issuer: SessionIssuer,
    private readonly sessions: SessionsRepository,
  ) {}

  async signUp(request: SignUpRequest, call: CallContext): Promise<SignUpResponse> {
    const input = parseSignUp(request);
    const { email, displayName } = input;
    await this.passwords.check(input.password, [email.given, displayName ?? '']);
    const user = newUser(input, await this.passwords.hash(input.password));
    const orgId = uuidv7();
    const owner = { id: user.id, orgId, role: 'owner' as const, email: user.email, credentialEpoch: 0 };
    // Signed before anything is written: an HSM that fails must not leave an account that its owner cannot enter.
    const { session, token } = await this.issuer.issueToUser(owner, 'password', call);
    await this.write(user, session, call).catch((error: unknown) => {
      throw isUniqueViolation(error, 'users_email_canonical_key')
        ? conflict('This email address is already in use.')
        : error;
    });
    return { token, email: user.email };
  }

  /** All or nothing; of parallel sign-ups with one address, the unique constraint lets one through. */
  private async write(user: User, session: Session, call: CallContext): Promise<void> {
    const { orgId } = session;
    await transaction(this.database, async (manager) => {
      await this.accounts.insertUser(manager, user);
      await this.accounts.insertOrg(manager, orgId, user.displayName ?? user.email);
      await this.accounts.insertMembership(manager, orgId, user.id, 'owner');
      await this.sessions.insert(manager, [session]);
      await commitEvents(manager, [
        identityEvent({ orgId, kind: 'org.created', subjectId: orgId }),
        identityEvent({ orgId, kind: 'user.created', subjectId: user.id }),
        authSuccess(session, 'signup', originOf(call)),
      ]);
    });
  }
}

function newUser({ email, displayName }: SignUpInput, passwordHash: string): User {
  return {
    id: uuidv7(),
    email: email.given,
    emailCanonical: email.canonical,
    passwordHash,
    displayName: displayName ?? null,
    authMethod: 'password',
  };
}
