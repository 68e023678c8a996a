import { DomainError, gone, notFound, permissionDenied } from '@oneclaw/errors';
import { Refused } from '../audit/refusal-trail.js';

/** Where a passphrase is asked for, programs find it by this field of the refusal. */
const PASSPHRASE_FIELD = 'x-share-passphrase';

const forbidden = (message: string, reason: string) => new Refused(permissionDenied(message), reason);

function passphraseRefusal(message: string, problem: string, reason: string): Refused {
  return new Refused(
    new DomainError('permission_denied', message, { fields: { [PASSPHRASE_FIELD]: problem } }),
    reason,
  );
}

/** Of unknown, revoked and declined shares alike. */
export function noShare(reason = 'not_found'): Refused {
  return new Refused(notFound('Share'), reason);
}

export const NOT_RECIPIENT = forbidden(
  'This share is for somebody in particular: it opens with the token of its recipient only.',
  'not_recipient',
);
export const NOT_VERIFIED = forbidden(
  'This share is for your email address, which you have not confirmed yet. Confirm it by the link in the mail that you got.',
  'email_not_verified',
);
export const NOT_ACCEPTED = forbidden('Accept this share first.', 'not_accepted');
export const OUTSIDE_BOUNDS = forbidden(
  'The scopes or vaults that you are limited to do not include this.',
  'outside_scope',
);
export const WRONG_ADDRESS = forbidden('This share does not open from your network address.', 'ip_not_allowed');
export const SHARER_GONE = forbidden('Whoever shared this secret may not read it any more.', 'sharer_gone');
export const PASSPHRASE_MISSING = passphraseRefusal(
  'This share needs its passphrase, in the header X-Share-Passphrase.',
  'is missing',
  'passphrase_missing',
);
export const PASSPHRASE_WRONG = passphraseRefusal('The passphrase is wrong.', 'is wrong', 'passphrase_wrong');
export const EXPIRED = new Refused(gone('This share has expired.'), 'expired');
export const USED_UP = new Refused(gone('This share has been opened as often as it may be.'), 'used_up');
export const DELETED = new Refused(gone('The secret of this share was deleted.'), 'deleted');
