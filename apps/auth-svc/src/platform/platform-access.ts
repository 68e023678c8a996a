import { Injectable } from '@nestjs/common';
import { type Caller, isPlatformManager } from '@oneclaw/caller';
import { permissionDenied } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { type Attempt, RefusalsService } from '../audit/refusals.service.js';

/** Lets nobody through but owners and admins of the platform org. */
@Injectable()
export class PlatformAccess {
  constructor(private readonly refusals: RefusalsService) {}

  /** Throws permission_denied, with the attempt in the audit trail of the caller's org. */
  async require(caller: Caller, call: CallContext, attempt: Attempt): Promise<void> {
    await this.refusals.guard(caller, call, attempt, async () => {
      if (!isPlatformManager(caller)) throw permissionDenied('Only those who run this installation may do this.');
    });
  }
}
