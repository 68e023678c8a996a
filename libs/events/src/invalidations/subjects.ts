export const SESSION_INVALIDATIONS = 'invalidate.v1.sessions';

/** Distance of two beats of one sender. */
export const BEAT_MS = 150;
/** Silence of all senders after which nothing is known: three beats and some jitter. */
export const SILENCE_MS = 600;
/** A sender that fell silent without taking leave is forgotten after this long. */
export const FORGET_MS = 60_000;
