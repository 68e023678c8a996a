import type { DisableMfaRequest } from '@oneclaw/contracts/auth';
import type { InputOf } from '../api/operation.js';
import type { mfaDisable } from './mfa.operations.js';

/** A code goes before a password; neither is for the service to refuse. */
export function toDisableRequest({ code, password }: InputOf<typeof mfaDisable>['body']): DisableMfaRequest {
  if (code !== undefined) return { proof: { $case: 'code', value: code } };
  return { proof: password === undefined ? undefined : { $case: 'password', value: password } };
}
