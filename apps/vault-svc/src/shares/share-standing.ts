import { type Caller, canonicalEmail } from '@oneclaw/caller';
import type { Share } from './share.entity.js';

/** What somebody is to a share; `unverified`: its addressee, but nobody has proven the address yet. */
export type Standing = 'recipient' | 'unverified' | 'other';

/** As things stand now: a verified address makes a recipient, whether it was verified before the share was made or after. */
export function standingOf(caller: Caller | undefined, { orgId, recipient }: Share): Standing {
  if (!caller) return 'other';
  if (recipient.type === 'external_email') return standingOfAddressee(caller, recipient.emailCanonical);
  const type = recipient.type === 'agent' ? 'agent' : 'user';
  return caller.type === type && caller.id === recipient.id && caller.orgId === orgId ? 'recipient' : 'other';
}

function standingOfAddressee({ type, email, emailVerified }: Caller, address: string | null): Standing {
  if (type !== 'user' || email === undefined || canonicalEmail(email) !== address) return 'other';
  return emailVerified ? 'recipient' : 'unverified';
}
