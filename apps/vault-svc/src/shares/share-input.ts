import { type Caller, parseEmail } from '@oneclaw/caller';
import type { CreateShareRequest } from '@oneclaw/contracts/vault';
import { invalid, permissionDenied } from '@oneclaw/errors';
import { isNetwork } from '../policies/engine/index.js';
import { checkUuid, isUuid } from '../validation/uuid.js';
import { RECIPIENT_TYPES, type Recipient, type RecipientType, type ShareTerms } from './share.entity.js';

export interface ShareInput extends ShareTerms {
  secretId: string;
  recipient: Recipient;
  passphrase: string | undefined;
}

const MAX_COUNT = 2 ** 31 - 1;
const MAX_NETWORKS = 256;
const MAX_PASSPHRASE = 256;
/** A passphrase comes in a header: what a header cannot hold, or loses at its ends, would never match. */
const UNSENDABLE = /^\s|\s$|\p{Cc}|\p{Cs}/u;

const NOBODY = { id: null, email: null, emailCanonical: null };

type Problems = Record<string, string>;

/** Throws `invalid_argument` with every field that is wrong, or `permission_denied` for what this kind of caller may not share. */
export function checkNewShare(request: CreateShareRequest, caller: Caller): ShareInput {
  const problems: Problems = {};
  const secretId = checkUuid(request.secretId, 'secret_id');
  const recipient = recipientOf(request, caller, problems);
  const { maxAccessCount, passphrase, ipAllowlist } = request;
  if (request.permissions.some((permission) => permission !== 'read')) problems['permissions'] = 'must be ["read"]';
  if (maxAccessCount !== undefined && (maxAccessCount < 1 || maxAccessCount > MAX_COUNT))
    problems['max_access_count'] = `must be from 1 to ${MAX_COUNT}`;
  const expiresAt = expiryOf(request.expiresAt, problems);
  if (passphrase !== undefined) checkPassphrase(passphrase, problems);
  if (ipAllowlist.length > MAX_NETWORKS) problems['ip_allowlist'] = `must have at most ${MAX_NETWORKS} entries`;
  else if (!ipAllowlist.every(isNetwork)) problems['ip_allowlist'] = 'must hold IP addresses and CIDR networks';
  if (Object.keys(problems).length > 0) throw invalid('The share is not valid.', problems);
  if (recipient.type === 'external_email' && caller.type !== 'user')
    throw permissionDenied('Agents may not share with email addresses.');
  return { secretId, recipient, maxAccessCount: maxAccessCount ?? null, expiresAt, passphrase, ipAllowlist };
}

function recipientOf(
  { recipientType, recipientId, email }: CreateShareRequest,
  caller: Caller,
  problems: Problems,
): Recipient {
  const type = recipientType as RecipientType;
  switch (type) {
    case 'user':
    case 'agent':
      if (!isUuid(recipientId)) problems['recipient_id'] = `must be the UUID of the ${type}`;
      return { ...NOBODY, type, id: recipientId.toLowerCase() };
    case 'external_email': {
      const address = parseEmail(email);
      if (!address) problems['email'] = 'must be an email address';
      return { ...NOBODY, type, email: address?.given ?? null, emailCanonical: address?.canonical ?? null };
    }
    case 'creator':
      if (caller.type !== 'agent')
        problems['recipient_type'] = 'creator is for agents, who share with their human by it';
      else if (!caller.registeredBy)
        problems['recipient_type'] = 'the human who registered you has left the organisation';
      return { ...NOBODY, type, id: caller.registeredBy ?? null };
    case 'anyone_with_link':
      return { ...NOBODY, type };
    default:
      problems['recipient_type'] = `must be one of ${RECIPIENT_TYPES.join(', ')}`;
      return { ...NOBODY, type };
  }
}

/** In the future, within a year. */
function expiryOf(expiresAt: Date | undefined, problems: Problems): Date {
  const now = new Date();
  const latest = new Date(now);
  latest.setUTCFullYear(now.getUTCFullYear() + 1);
  if (expiresAt === undefined || Number.isNaN(expiresAt.getTime())) problems['expires_at'] = 'must be a date';
  else if (expiresAt <= now) problems['expires_at'] = 'must be in the future';
  else if (expiresAt > latest) problems['expires_at'] = 'must be within a year';
  return expiresAt ?? now;
}

function checkPassphrase(passphrase: string, problems: Problems): void {
  const { length } = [...passphrase];
  if (length < 1 || length > MAX_PASSPHRASE) problems['passphrase'] = `must have 1 to ${MAX_PASSPHRASE} characters`;
  else if (UNSENDABLE.test(passphrase))
    problems['passphrase'] = 'must not begin or end with white space, nor hold control characters';
}
