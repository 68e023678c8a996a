import { Injectable } from '@nestjs/common';
import type { CallContext } from '@oneclaw/rpc';
import { Passwords } from '../passwords/passwords.js';
import { Throttle } from '../throttle/throttle.service.js';

export interface PasswordMatch {
  /** The hash at today's cost, where the stored one was made at another. */
  newHash: string | undefined;
}

/** Compares passwords with what is stored, throttled: every route that takes a password asks here. */
@Injectable()
export class PasswordCheck {
  constructor(
    private readonly passwords: Passwords,
    private readonly throttle: Throttle,
  ) {}

  /**
   * `undefined` where the password is wrong, or where there is none to compare with (no hash), which takes as long.
   * @param canonical the canonical address, of an account or of none
   */
  async match(
    canonical: string,
    hash: string | undefined,
    password: string,
    call: CallContext,
  ): Promise<PasswordMatch | undefined> {
    const subject = { account: canonical, ip: call.clientIp };
    const right = await this.throttle.guard(
      'password',
      subject,
      async () => (await this.passwords.verify(hash, password)) || undefined,
    );
    return right && hash !== undefined ? { newHash: await this.passwords.rehash(hash, password) } : undefined;
  }
}
