import { DomainError } from '@oneclaw/errors';

/**
 * Why the HSM did not answer. None of these ever leads to new keys being made.
 * The message is for callers: all but `HsmRefused` are a 503, nothing was done. `detail` is for operators.
 */
export class HsmError extends DomainError {
  constructor(
    readonly kind: HsmErrorKind,
    readonly detail: string,
  ) {
    super(kind === 'refused' ? 'internal' : 'unavailable', PUBLIC_MESSAGES[kind], {
      cause: new Error(detail),
      ...(kind === 'refused' ? {} : { retryAfterSeconds: RETRY_AFTER_SECONDS[kind] }),
    });
    this.name = new.target.name;
  }
}

/** The module cannot be loaded, or it shows no token of the configured label. */
export class HsmAbsent extends HsmError {
  constructor(detail: string) {
    super('absent', detail);
  }
}

/** The PIN was refused. It is not tried again, because three tries may lock the token for good. */
export class HsmLocked extends HsmError {
  constructor(detail: string) {
    super('locked', detail);
  }
}

/** The device does not answer, answers with errors, or is overloaded. Worth a retry. */
export class HsmUnavailable extends HsmError {
  constructor(detail: string) {
    super('unavailable', detail);
  }
}

/** The token works, but holds no key (or several) of the needed name. */
export class KeyMissing extends HsmError {
  constructor(detail: string) {
    super('key-missing', detail);
  }
}

/** The device works on the whole, but this operation fails again and again, or is answered wrongly, and the device is to blame. Worth a retry. */
export class HsmFailing extends HsmError {
  constructor(detail: string) {
    super('failing', detail);
  }
}

/** The HSM works but refuses this operation, again and again. */
export class HsmRefused extends HsmError {
  constructor(detail: string) {
    super('refused', detail);
  }
}

export type HsmErrorKind = 'absent' | 'locked' | 'unavailable' | 'key-missing' | 'failing' | 'refused';

/** Rebuilds an error that crossed a thread boundary. */
export function hsmError(kind: HsmErrorKind, detail: string): HsmError {
  return new ERRORS[kind](detail);
}

const PUBLIC_MESSAGES = {
  unavailable: 'The HSM does not answer at the moment.',
  absent: 'The HSM is not connected.',
  locked: 'The HSM is locked; an operator has to unlock it.',
  'key-missing': 'The HSM does not hold the needed key; an operator has to look at it.',
  failing: 'The HSM does not answer at the moment.',
  refused: 'The HSM refused the operation.',
};

const RETRY_AFTER_SECONDS = { unavailable: 1, failing: 1, absent: 5, 'key-missing': 5, locked: 60 };

const ERRORS = {
  absent: HsmAbsent,
  locked: HsmLocked,
  unavailable: HsmUnavailable,
  'key-missing': KeyMissing,
  failing: HsmFailing,
  refused: HsmRefused,
};
