import { Injectable } from '@nestjs/common';
import type { AccessToken, VerifyMfaRequest } from '@oneclaw/contracts/auth';
import { type DomainError, isDomainError, unauthenticated } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { LogInCompletion } from '../accounts/log-in-completion.js';
import { originOf } from '../audit/audit-trail.js';
import { authFailure } from '../audit/auth-events.js';
import { commitEvents } from '../audit/commit-events.js';
import type { OpenChallenge } from './mfa-challenge.entity.js';
import { MfaChallengesRepository } from './mfa-challenges.repository.js';
import { MfaCodes } from './mfa-codes.js';
import { MfaTokens } from './mfa-tokens.js';

/** Leaves the transaction of a session whose code turns out to be used. */
class CodeIsUsed extends Error {}

/** The second step of a login: of a challenge and a code, a session. */
@Injectable()
export class MfaLogInService {
  constructor(
    private readonly database: DataSource,
    private readonly tokens: MfaTokens,
    private readonly challenges: MfaChallengesRepository,
    private readonly codes: MfaCodes,
    private readonly completion: LogInCompletion,
  ) {}

  async verify({ mfaToken, code }: VerifyMfaRequest, call: CallContext): Promise<AccessToken> {
    const claims = await this.tokens.verify(mfaToken);
    if (!claims) throw refused();
    let challenge: OpenChallenge | undefined;
    const token = await this.codes.throttled(claims.userId, call, async () => {
      challenge = await this.challenges.takeTry(this.database, claims.challengeId);
      // Nothing is learned about the code: that counts neither way.
      if (!challenge) throw refused();
      return this.answer(challenge, code, call);
    });
    if (!token) throw await this.refuse(challenge as OpenChallenge, call);
    return token;
  }

  private async answer(challenge: OpenChallenge, code: string, call: CallContext): Promise<AccessToken | undefined> {
    try {
      return await this.complete(challenge, code, call);
    } catch (error) {
      if (!isDomainError(error, 'unauthenticated')) await this.challenges.giveTryBack(this.database, challenge.id);
      throw error;
    }
  }

  /** Challenge, code, session and event: all in one transaction. `undefined` for a code that is wrong or used. */
  private async complete(challenge: OpenChallenge, input: string, call: CallContext): Promise<AccessToken | undefined> {
    const { id, user, kind, factor } = challenge;
    const code = await this.codes.check(factor, input, call);
    if (!code) return undefined;
    const proof = {
      kind,
      method: code.kind,
      work: async (manager: Parameters<typeof code.use>[0]) => {
        if (!(await this.challenges.settle(manager, id))) throw refused();
        if (!(await code.use(manager))) throw new CodeIsUsed();
      },
    };
    try {
      return (await this.completion.complete(user, proof, call)).token;
    } catch (error) {
      if (error instanceof CodeIsUsed) return undefined;
      throw error;
    }
  }

  /** Commits the failure and answers the one error there is. */
  private async refuse({ user }: OpenChallenge, call: CallContext): Promise<DomainError> {
    const tried = { orgId: user.orgId, resourceType: 'user', resourceId: user.id };
    const failure = authFailure({ ...tried, method: 'totp', reason: 'wrong_code' }, originOf(call));
    await commitEvents(this.database.manager, [failure]);
    return refused();
  }
}

function refused(): DomainError {
  return unauthenticated('The code is wrong, or the login has taken too long. Try another code, or log in again.');
}
