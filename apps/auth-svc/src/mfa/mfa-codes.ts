import { Injectable } from '@nestjs/common';
import type { CallContext } from '@oneclaw/rpc';
import type { EntityManager } from 'typeorm';
import { Throttle } from '../throttle/throttle.service.js';
import { RecoveryCodes } from './recovery-codes.js';
import { type TotpFactor, TotpFactorsRepository } from './totp-factors.repository.js';
import { TotpSecrets } from './totp-secrets.js';

/** A right code, which is still to be used up. */
export interface RightCode {
  kind: 'totp' | 'recovery_code';
  /** In the transaction of what it is for. Answers false where it was used before, or by another try just now. */
  use(manager: EntityManager): Promise<boolean>;
}

const TOTP = /^\d{6}$/;

/** Codes of the second factor: of the authenticator, or recovery codes. */
@Injectable()
export class MfaCodes {
  constructor(
    private readonly throttle: Throttle,
    private readonly secrets: TotpSecrets,
    private readonly factors: TotpFactorsRepository,
    private readonly recovery: RecoveryCodes,
  ) {}

  /**
   * Ten wrong codes in a quarter of an hour close the account to further ones, whatever they are for. `attempt` answers `undefined`
   * for a wrong code; what it throws counts neither way. Throws `rate_limited`.
   */
  async throttled<T>(userId: string, call: CallContext, attempt: () => Promise<T | undefined>): Promise<T | undefined> {
    return this.throttle.guard('mfa_code', { account: userId, ip: call.clientIp }, attempt);
  }

  /** `undefined` for a wrong code. Only in `throttled`. */
  async check(factor: TotpFactor, input: string, call: CallContext): Promise<RightCode | undefined> {
    const { userId } = factor;
    const code = input.replace(/\s/g, '');
    if (!TOTP.test(code)) {
      const selector = await this.recovery.check(userId, code);
      if (selector === undefined) return undefined;
      return { kind: 'recovery_code', use: (manager) => this.recovery.use(manager, userId, selector) };
    }
    const step = await this.secrets.check(userId, factor.sealed, code, call);
    if (step === undefined) return undefined;
    return { kind: 'totp', use: (manager) => this.factors.useStep(manager, userId, step) };
  }
}
