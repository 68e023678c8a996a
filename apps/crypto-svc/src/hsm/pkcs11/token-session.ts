import { SessionFlag, TokenFlag, type Session, type Slot } from 'graphene-pk11';
import { HsmLocked, HsmUnavailable } from '../hsm.errors.js';
import { KekHandles } from './kek-handles.js';
import { describe, returnCode } from './return-code.js';
import { TokenKeys } from './token-keys.js';

/**
 * One PKCS#11 session with the handles found through it. Handles live and die with this object: after a session is
 * replaced, a number that was a key may be another key.
 */
export class TokenSession {
  readonly keys: TokenKeys;
  readonly keks: KekHandles;

  private constructor(
    readonly session: Session,
    kekCacheSize: number,
  ) {
    this.keys = new TokenKeys(session);
    this.keks = new KekHandles(session, kekCacheSize);
  }

  static open(slot: Slot, kekCacheSize: number, access: 'read-only' | 'read-write' = 'read-only'): TokenSession {
    const flags =
      access === 'read-write' ? SessionFlag.SERIAL_SESSION | SessionFlag.RW_SESSION : SessionFlag.SERIAL_SESSION;
    return new TokenSession(slot.open(flags), kekCacheSize);
  }

  /** Login is per process: "already logged in" is success. A refused PIN must not be tried again by anyone. */
  login(pin: string): void {
    if ((this.session.slot.getToken().flags & TokenFlag.USER_PIN_LOCKED) !== 0) {
      throw new HsmLocked('The PIN of the HSM token is locked. The security officer must reset it.');
    }
    try {
      this.session.login(pin);
    } catch (error) {
      const code = returnCode(error) ?? '';
      if (code === 'CKR_USER_ALREADY_LOGGED_IN') return;
      if (!PIN_REFUSED.has(code)) throw error;
      throw new HsmLocked(
        `The HSM refused the PIN (${describe(error)}). It is not tried again: correct it and restart.`,
      );
    }
  }

  /** A new session inherits the login only while another session of the process is open. */
  requireLoggedIn(): void {
    if (USER_STATES.has(this.session.state)) return;
    throw new HsmUnavailable('The HSM has ended the login.');
  }

  close(): void {
    this.session.close();
  }
}

const PIN_REFUSED = new Set([
  'CKR_PIN_INCORRECT',
  'CKR_PIN_INVALID',
  'CKR_PIN_LEN_RANGE',
  'CKR_PIN_EXPIRED',
  'CKR_PIN_LOCKED',
  'CKR_USER_PIN_NOT_INITIALIZED',
]);

const USER_STATES = new Set([1, 3]); // CKS_RO_USER_FUNCTIONS, CKS_RW_USER_FUNCTIONS
