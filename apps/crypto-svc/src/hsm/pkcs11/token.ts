import type { Slot } from 'graphene-pk11';
import { HsmFailing, HsmRefused, HsmUnavailable, KeyMissing, type HsmError } from '../hsm.errors.js';
import type { Kek, OrDamaged } from '../hsm.port.js';
import { Cryptoki } from './cryptoki.js';
import { createKek } from './operations.js';
import { probe } from './probe.js';
import { asHsmError, describe, isOfTheDevice } from './return-code.js';
import { TokenSession } from './token-session.js';

export interface TokenOptions {
  modulePath: string;
  tokenLabel: string;
  /** Unwrapped KEKs kept per session. */
  kekCacheSize: number;
}

/** One thread's use of the token: exactly one session at a time, replaced whenever an error has touched it. */
export class Token {
  private cryptoki: Cryptoki | undefined;
  private slot: Slot | undefined;
  private current: TokenSession | undefined;
  private testKek: Kek | undefined;

  constructor(private readonly options: TokenOptions) {}

  /** From nothing, or from a session of unknown state, to a session that is known to work. */
  connect(pin: string): void {
    this.disconnect();
    try {
      this.cryptoki ??= Cryptoki.load(this.options.modulePath);
      this.cryptoki.initialise();
      this.slot = this.cryptoki.findSlot(this.options.tokenLabel);
      this.current = TokenSession.open(this.slot, this.options.kekCacheSize);
      this.current.login(pin);
      requireAllKeys(this.current);
      this.testKek = createKek(this.current);
      this.probe();
    } catch (error) {
      this.disconnect();
      // A token that answers wrongly from the start is as good as none.
      throw error instanceof HsmFailing ? new HsmUnavailable(error.detail) : asHsmError(error);
    }
  }

  private disconnect(): void {
    closeQuietly(this.current);
    this.current = undefined;
  }

  /** Ends the sessions of every thread of the process: the caller has made sure that none is in use. */
  finalise(): void {
    this.current = undefined;
    try {
      this.cryptoki?.finalise();
    } catch (error) {
      throw asHsmError(error);
    }
  }

  /** The root key that wraps the test KEK may have been rotated away since: then one of the newest has to work. */
  probe(): void {
    try {
      probe(this.session(), this.testKek!);
    } catch (failure) {
      this.replaceSession();
      if (!this.renewTestKek()) throw failure;
      probe(this.session(), this.testKek!);
    }
  }

  /** False where the test KEK is under the newest root key already. */
  private renewTestKek(): boolean {
    try {
      const session = this.session();
      if (session.keys.currentRootGeneration() === this.testKek!.rootGeneration) return false;
      this.testKek = createKek(session);
      return true;
    } catch (error) {
      throw asHsmError(error);
    }
  }

  /** Runs an operation; on an error once more in a fresh session, because the first may have failed of a neighbour's. */
  attempt<T>(operation: (session: TokenSession) => T): T {
    const result = this.attemptTwice(operation);
    if (!('failure' in result)) return result.value;
    throw afterAHealthyProbe(result.failure);
  }

  /**
   * As `attempt`, for an operation that fails when its data is damaged: that is the reason where it fails again of a token that has been
   * seen to work meanwhile, unless it is the device that is blamed. A device that fails now and then, or was wrong until just now, must
   * not raise the alarm of a tampered row.
   */
  attemptOnData<T>(operation: (session: TokenSession) => T): OrDamaged<T> {
    const result = this.attemptTwice(operation);
    if (!('failure' in result)) return result.value;
    if (blamesTheDevice(result.failure)) throw asHsmError(result.failure);
    try {
      return operation(this.session());
    } catch (failure) {
      this.replaceSession();
      if (isOurFault(failure)) throw failure;
      if (blamesTheDevice(failure)) throw asHsmError(failure);
      return 'damaged';
    }
  }

  /** Answers a failure only if the token has been seen to work after it; otherwise throws why it does not. */
  private attemptTwice<T>(operation: (session: TokenSession) => T): { value: T } | { failure: unknown } {
    try {
      return { value: operation(this.session()) };
    } catch {
      this.replaceSession();
    }
    try {
      return { value: operation(this.session()) };
    } catch (failure) {
      this.replaceSession();
      this.probe();
      if (isOurFault(failure)) throw failure;
      return { failure };
    }
  }

  private session(): TokenSession {
    if (this.current !== undefined) return this.current;
    throw new HsmUnavailable('The HSM is not connected.');
  }

  /** The new one is opened before the old one is closed: closing the last session would end the login. */
  private replaceSession(): void {
    const poisoned = this.session();
    this.current = undefined;
    try {
      const fresh = TokenSession.open(this.slot!, this.options.kekCacheSize);
      this.current = fresh;
      fresh.requireLoggedIn();
    } catch (error) {
      throw asHsmError(error);
    } finally {
      closeQuietly(poisoned);
    }
  }
}

function requireAllKeys({ keys }: TokenSession): void {
  keys.root(keys.currentRootGeneration());
  keys.mac();
  keys.signingKeys('token-signing');
  keys.signingKeys('checkpoint');
}

/** Not "unavailable": renewing the connection would stop what works, and not mend what does not. */
function afterAHealthyProbe(failure: unknown): HsmError {
  if (failure instanceof KeyMissing || failure instanceof HsmFailing) return failure;
  if (isOfTheDevice(failure)) return new HsmFailing(`The HSM failed: ${describe(failure)}.`);
  return new HsmRefused(`The HSM refused: ${describe(failure)}.`);
}

function blamesTheDevice(failure: unknown): boolean {
  return failure instanceof HsmFailing || isOfTheDevice(failure);
}

/** A mistake in this code must not be reported as damaged data. */
function isOurFault(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}

function closeQuietly(session: TokenSession | undefined): void {
  try {
    session?.close();
  } catch {
    // A session that cannot be closed is gone already.
  }
}
