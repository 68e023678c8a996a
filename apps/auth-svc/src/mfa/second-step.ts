import { Inject, Injectable } from '@nestjs/common';
import type { LogInResponse } from '@oneclaw/contracts/auth';
import { transaction } from '@oneclaw/database';
import { auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { LogInCompletion, type Proof } from '../accounts/log-in-completion.js';
import type { UserFacts } from '../sessions/session-issuer.js';
import { originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { CONFIG, type AuthConfig } from '../config.js';
import type { MfaChallenge } from './mfa-challenge.entity.js';
import { MfaChallengesRepository } from './mfa-challenges.repository.js';
import { MfaTokens } from './mfa-tokens.js';

/** Who has passed the first factor. */
export interface FirstFactorFacts extends UserFacts {
  mfaEnabled: boolean;
}

/** What a login by password or Google has proven. */
export type FirstProof = Proof & Pick<MfaChallenge, 'kind'>;

/** After the first factor of a login: a session, or a challenge where the account has MFA on. */
@Injectable()
export class SecondStep {
  constructor(
    @Inject(CONFIG) private readonly config: AuthConfig,
    private readonly database: DataSource,
    private readonly completion: LogInCompletion,
    private readonly challenges: MfaChallengesRepository,
    private readonly tokens: MfaTokens,
  ) {}

  async proceed(account: FirstFactorFacts, proof: FirstProof, call: CallContext): Promise<LogInResponse> {
    if (account.mfaEnabled) return this.challenge(account, proof, call);
    return { ...(await this.completion.complete(account, proof, call)), mfaChallenge: undefined };
  }

  private async challenge(
    account: FirstFactorFacts,
    { kind, work }: FirstProof,
    call: CallContext,
  ): Promise<LogInResponse> {
    const now = new Date();
    const lifetimeMs = this.config.MFA_CHALLENGE_LIFETIME;
    const { id: userId, orgId, credentialEpoch } = account;
    const expiresAt = new Date(now.getTime() + lifetimeMs);
    const challenge = { id: uuidv7(), userId, orgId, credentialEpoch, kind, expiresAt };
    const mfaToken = await this.tokens.sign(challenge, now, call);
    await transaction(this.database, async (manager) => {
      await work?.(manager);
      await this.challenges.insert(manager, challenge);
      await commitEvents(manager, [challengeEvent(challenge, call)]);
    });
    return { token: undefined, mfaChallenge: { mfaToken, expiresInSeconds: Math.floor(lifetimeMs / 1000) } };
  }
}

/** That somebody knew the password, also when they come no further. Who it was is not known yet. */
function challengeEvent({ orgId, userId, kind }: MfaChallenge, call: CallContext) {
  return auditEvent({
    orgId,
    actorType: 'anonymous',
    action: 'auth.challenge',
    resourceType: 'user',
    resourceId: userId,
    details: { method: kind },
    ...originOf(call),
  });
}
