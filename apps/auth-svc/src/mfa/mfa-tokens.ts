import { Inject, Injectable } from '@nestjs/common';
import { TokenRefused, tokenRefusal, VerificationKeys, verifyJws } from '@oneclaw/caller';
import { TokenKind } from '@oneclaw/contracts/crypto';
import { isDomainError } from '@oneclaw/errors';
import type { OutgoingCall } from '@oneclaw/rpc';
import { validate as isUuid } from 'uuid';
import { CONFIG, type AuthConfig } from '../config.js';
import { TokenSigner } from '../tokens/token-signer.js';
import type { MfaChallenge } from './mfa-challenge.entity.js';

/** What sets these tokens apart from sessions: their kind, and for whom they are. */
const TYP = 'mfa+jwt';
const AUDIENCE = 'oneclaw:mfa';

export interface MfaTokenClaims {
  challengeId: string;
  userId: string;
}

/** The tokens that stand for challenges. They say which challenge it is; what it is worth its row says. */
@Injectable()
export class MfaTokens {
  constructor(
    @Inject(CONFIG) private readonly config: AuthConfig,
    private readonly signer: TokenSigner,
    private readonly keys: VerificationKeys,
  ) {}

  async sign({ id, userId, expiresAt }: MfaChallenge, issuedAt: Date, call: OutgoingCall): Promise<string> {
    const claims = {
      iss: this.config.TOKEN_ISSUER,
      aud: AUDIENCE,
      sub: `user:${userId}`,
      jti: id,
      iat: secondsOf(issuedAt),
      exp: secondsOf(expiresAt),
    };
    const [token] = await this.signer.sign(TokenKind.MFA_CHALLENGE, [claims], call);
    return token as string;
  }

  /** `undefined` for whatever is no such token of ours, or has expired. Throws `unavailable` for one of ours whose time is still to come. */
  async verify(token: string): Promise<MfaTokenClaims | undefined> {
    try {
      const expected = { typ: TYP, issuer: this.config.TOKEN_ISSUER, audience: AUDIENCE };
      const { sub, jti } = await verifyJws(token, this.keys, expected);
      const userId = sub?.replace(/^user:/, '');
      return isUuid(jti) && isUuid(userId) ? { challengeId: jti as string, userId: userId as string } : undefined;
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error;
      const refusal = tokenRefusal(error);
      if (isDomainError(refusal, 'unavailable')) throw refusal;
      return undefined;
    }
  }
}

function secondsOf(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
