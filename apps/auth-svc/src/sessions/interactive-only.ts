import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import type { CallContext } from '@oneclaw/rpc';
import { type Attempt, RefusalsService } from '../audit/refusals.service.js';

/**
 * Keeps personal API keys, and sessions that began with one, from what only a person who has logged in may do. The gateway bars
 * them too; here it holds whatever the gateway does.
 */
@Injectable()
export class InteractiveOnly {
  constructor(private readonly refusals: RefusalsService) {}

  /** Throws permission_denied, with the attempt in the audit trail. */
  async require(caller: Caller, call: CallContext, attempt: Attempt): Promise<void> {
    if (caller.sessionKind !== 'api_key') return;
    throw await this.refusals.deny(caller, call, attempt, 'A personal API key is not enough for this: log in.');
  }
}
