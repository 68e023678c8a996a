import type { SessionAccess } from '../api/operation.js';

/** Owners and admins of the platform org; the services decide it. No operation of theirs has a key scope, so no scoped key gets in. */
export const platform = { users: true, agents: false, only: 'platform' } as const satisfies SessionAccess;
