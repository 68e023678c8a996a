import { Injectable } from '@nestjs/common';
import type { SignUpRequest, SignUpResponse } from '@oneclaw/contracts/auth';
import { isUniqueViolation } from '@oneclaw/database';
import { conflict } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { v7 as uuidv7 } from 'uuid';
import { Passwords } from '../passwords/passwords.js';
import { VerificationMails } from '../verification/verification-mails.js';
import { LogInCompletion, type Proof } from './log-in-completion.js';
import { NewAccounts } from './new-accounts.js';
import { parseSignUp, type SignUpInput } from './sign-up-input.js';
import type { User } from './user.entity.js';

/** Opens an account by password: a user, an org that the user owns, a mail to prove the address, and a first session. */
@Injectable()
export class SignUpService {
  constructor(
    private readonly passwords: Passwords,
    private readonly newAccounts: NewAccounts,
    private readonly verifications: VerificationMails,
    private readonly completion: LogInCompletion,
  ) {}

  async signUp(request: SignUpRequest, call: CallContext): Promise<SignUpResponse> {
    const input = parseSignUp(request);
    const { email, displayName } = input;
    await this.passwords.check(input.password, [email.given, displayName ?? '']);
    const user = newUser(input, await this.passwords.hash(input.password));
    const owner = { id: user.id, orgId: uuidv7(), role: 'owner' as const, email: user.email, credentialEpoch: 0 };
    const verification = await this.verifications.prepare(owner, call);
    const proof: Proof = {
      kind: 'password',
      method: 'signup',
      work: async (manager) => {
        await this.newAccounts.write(manager, user, owner.orgId);
        await this.verifications.write(manager, verification);
      },
    };
    const { token } = await this.completion.complete(owner, proof, call).catch((error: unknown) => {
      throw isUniqueViolation(error, 'users_email_canonical_key')
        ? conflict('This email address is already in use.')
        : error;
    });
    return { token, email: user.email };
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
