import { Injectable } from '@nestjs/common';
import { isManager, type Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { permissionDenied } from '@oneclaw/errors';
import { appendEvents } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { billingEvent } from '../audit.js';
import type { OverageMethod } from '../plans/plan.js';
import { PlansRepository } from '../plans/plans.repository.js';

/** How an org pays. Subscriptions and credits will be found here; until then nobody has any. */
@Injectable()
export class BillingAccountService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly plans: PlansRepository,
  ) {}

  async setOverageMethod(caller: Caller, method: OverageMethod, call: CallContext): Promise<void> {
    if (!isManager(caller)) {
      const reason = 'Only owners and admins manage billing.';
      const refusal = billingEvent('billing.overage_method', caller, call, { outcome: 'denied', reason });
      await appendEvents(this.dataSource.manager, [refusal]);
      throw permissionDenied(reason);
    }
    await transaction(this.dataSource, async (manager) => {
      await this.plans.setOverageMethod(manager, caller.orgId, method);
      await appendEvents(manager, [billingEvent('billing.overage_method', caller, call, { overage_method: method })]);
    });
  }
}
