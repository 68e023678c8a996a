import type { AuthWorld, Replica } from './auth-world.js';
import { anonymous, type Human, PASSWORD, signUp } from './people.js';
import { codeAt, fromBase32 } from './totp-codes.js';

/** Somebody's authenticator. Each call of `next` moves the time on, so that its code is a new one. */
export class Authenticator {
  private last = 0;

  constructor(
    private readonly world: Pick<AuthWorld, 'crypto'>,
    private readonly secret: Buffer,
  ) {}

  /** A code of a step that none was used of. */
  next(): string {
    const clock = this.world.crypto.totpClock;
    while (clock.step() <= this.last) clock.offsetMs += 30_000;
    this.last = clock.step();
    return codeAt(this.secret, this.last);
  }

  /** The code that `next` gave last. */
  used(): string {
    return codeAt(this.secret, this.last);
  }

  /** The code so many steps from now. */
  at(offset: number): string {
    return codeAt(this.secret, this.world.crypto.totpClock.step() + offset);
  }

  /** Six digits that are none of its codes now. */
  wrong(): string {
    const near = [-2, -1, 0, 1, 2].map((offset) => this.at(offset));
    return ['000000', '000001', '000002', '000003', '000004', '000005'].find((code) => !near.includes(code)) as string;
  }
}

export interface Enrolled extends Human {
  authenticator: Authenticator;
  recoveryCodes: string[];
}

/** Somebody who has MFA on. */
export async function signUpWithMfa(world: AuthWorld): Promise<Enrolled> {
  return enableMfa(world, await signUp(world));
}

export async function enableMfa(world: AuthWorld, someone: Human): Promise<Enrolled> {
  const { secret } = await world.mfa.beginMfaSetup({}, someone.call);
  const authenticator = new Authenticator(world, fromBase32(secret));
  const { recoveryCodes } = await world.mfa.finishMfaSetup({ code: authenticator.next() }, someone.call);
  return { ...someone, authenticator, recoveryCodes };
}

/** The challenge that the password alone leads to. */
export async function challengeOf(replica: Replica, { email }: Human): Promise<string> {
  const { mfaChallenge } = await replica.accounts.logIn({ email, password: PASSWORD }, anonymous());
  return mfaChallenge!.mfaToken;
}

/** The session token, or the code of the refusal. */
export async function verifyMfa(
  replica: Replica,
  mfaToken: string,
  code: string,
): Promise<{ token?: string; refusal?: string }> {
  try {
    const { token } = await replica.mfaLogins.verifyMfa({ mfaToken, code }, anonymous());
    return { token: token!.accessToken };
  } catch (error) {
    return { refusal: (error as { code: string }).code };
  }
}
