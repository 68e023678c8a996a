import type { Caller } from '@oneclaw/caller';
import type { AuditAction, AuditFields } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { actorOf, originOf } from './audit-trail.js';

/**
 * What someone tries to do in a vault, for the event of a refusal. The resource is the vault, whatever was asked for in it:
 * the id of a secret would tell those who may not use its path that it exists.
 */
export function attemptOn(
  caller: Caller,
  call: CallContext,
  action: AuditAction,
  vaultId: string,
  details: Readonly<Record<string, unknown>> = {},
): AuditFields {
  return {
    ...actorOf(caller),
    ...originOf(call),
    action,
    resourceType: 'vault',
    resourceId: vaultId,
    details: { vault_id: vaultId, ...details },
  };
}
