import { Injectable } from '@nestjs/common';
import type { SignUpRequest, SignUpResponse } from '@oneclaw/contracts/auth';
import { isUniqueViolation } from '@oneclaw/database';
import { conflict } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { InvitedSignUps } from '../invitations/invited-sign-ups.js';
import { Passwords } from '../passwords/passwords.js';
import type { UserFacts } from '../sessions/session-issuer.js';
import { VerificationMails } from '../verification/verification-mails.js';
import { LogInCompletion } from './log-in-completion.js';
import { NewAccounts } from './new-accounts.js';
import { parseSignUp, type SignUpInput } from './sign-up-input.js';
import type { User } from './user.entity.js';

/** Who signs up, and what has to be written with the first session. */
interface Opening {
  facts: UserFacts;
  work: (manager: EntityManager) => Promise<void>;
}

/**
 * Opens an account by password: a user, an org that the user owns, a mail to prove the address, and a first session. With an
 * invitation, the user is in the org that invites, and the address is proven, because the token was sent to it.
 */
@Injectable()
export class SignUpService {
  constructor(
    private readonly passwords: Passwords,
    private readonly newAccounts: NewAccounts,
    private readonly verifications: VerificationMails,
    private readonly invited: InvitedSignUps,
    private readonly completion: LogInCompletion,
  ) {}

  async signUp(request: SignUpRequest, call: CallContext): Promise<SignUpResponse> {
    const input = parseSignUp(request);
    const { email, displayName, inviteToken } = input;
    const offer = inviteToken === undefined ? undefined : await this.invited.require(inviteToken, email);
    await this.passwords.check(input.password, [email.given, displayName ?? '']);
    const user = newUser(input, await this.passwords.hash(input.password));
    const { facts, work } = offer ? this.invited.opening(user, offer, call) : await this.opening(user, call);
    const proof = { kind: 'password' as const, method: 'signup' as const, work };
    const { token } = await this.completion.complete(facts, proof, call).catch((error: unknown) => {
      throw isUniqueViolation(error, 'users_email_canonical_key')
        ? conflict('This email address is already in use.')
        : error;
    });
    return { token, email: user.email, joined: offer !== undefined };
  }

  private async opening(user: User, call: CallContext): Promise<Opening> {
    const facts = { id: user.id, orgId: uuidv7(), role: 'owner' as const, email: user.email, credentialEpoch: 0 };
    const verification = await this.verifications.prepare(facts, call);
    const work = async (manager: EntityManager): Promise<void> => {
      await this.newAccounts.write(manager, user, facts.orgId);
      await this.verifications.write(manager, verification);
    };
    return { facts, work };
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
