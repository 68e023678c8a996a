export const SESSION_INVALIDATIONS = 'invalidate.v1.sessions';

/** Distance of two beats of one sender. */
export const BEAT_MS = 150;
/** Silence after which a sender counts as lost: three beats and some jitter. */
export const SILENCE_MS = 600;
/** A sender that fell silent without taking leave is forgotten after this long: it has crashed, or it is not coming back. */
export const FORGET_MS = 120_000;
