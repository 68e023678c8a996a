import { gone, notFound, permissionDenied } from '@oneclaw/errors';
import { Refused } from '../audit/refusal-trail.js';
import { accessSubjectOf } from '../access/access-subject.js';
import { evaluate, type CompiledPolicy } from '../policies/engine/index.js';
import { includesVersion, wrongVersion } from './preconditions.js';
import type { SecretRead } from './secret-read.js';
import { isSigningKey } from './secret.entity.js';

/**
 * Why a read is refused, or undefined; also where what was found is inconsistent, which is for the opener to say. Permission is decided before existence, so that a path which the caller may not
 * use answers the same whether it exists or not.
 * @param policies the caller's in the vault.
 * @param now epoch milliseconds.
 */
export function refusalOf(read: SecretRead, policies: readonly CompiledPolicy[], now: number): Refused | undefined {
  const { vault, secret, version } = read.found ?? {};
  if (!vault) return new Refused(notFound('Vault'), 'vault_not_found');
  const { caller, ipAddress: ip } = read.by;
  const subject = accessSubjectOf(caller);
  const decision = evaluate({ action: 'read', subject, vault, path: read.path, ip, at: now }, policies);
  if (!decision.allowed)
    return new Refused(permissionDenied(NOT_ALLOWED[read.lending ? 'lent' : 'own']), decision.reason);
  if (!secret) return new Refused(notFound('Secret'), 'secret_not_found');
  const signsTransactions = caller.intentsEnabled || read.lending?.reader?.intentsEnabled;
  if (signsTransactions && version && isSigningKey(version.type)) return SIGNING_KEY;
  if ((read.requestedVersion || secret.currentVersion) <= secret.deletedThrough) return DELETED;
  if (secret.inconsistent) return undefined;
  if (!version) return new Refused(notFound('Version of this secret'), 'version_not_found');
  if (version.expiresAt && version.expiresAt.getTime() <= now) return EXPIRED;
  if (version.maxAccessCount !== null && version.accessCount >= version.maxAccessCount) return usedUp();
  const { ifMatch } = read.preconditions ?? {};
  return ifMatch && !includesVersion(ifMatch, version.version) ? wrongVersion() : undefined;
}

/** Whether a permitted read asks for a version other than the one there is (RFC 9110, section 13.1.2). */
export function isNotModified({ preconditions, found }: SecretRead): boolean {
  const { secret, version } = found ?? {};
  return !secret?.inconsistent && includesVersion(preconditions?.ifNoneMatch, version?.version ?? 0);
}

const NOT_ALLOWED = {
  own: 'You may not read this path.',
  lent: 'Whoever shared this secret may not read it, or not from here and now.',
};
const DELETED = new Refused(gone('This secret was deleted.'), 'deleted');
const EXPIRED = new Refused(gone('This secret has expired.'), 'expired');
const USED_UP = new Refused(gone('This secret has been read as often as it may be.'), 'used_up');
const SIGNING_KEY = new Refused(
  permissionDenied('Agents that use the Intents API may not read signing keys.'),
  'intents_signing_key',
);

export function usedUp(): Refused {
  return USED_UP;
}
