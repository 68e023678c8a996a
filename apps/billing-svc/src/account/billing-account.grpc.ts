import { requireCaller } from '@oneclaw/caller';
import {
  BillingAccountServiceDefinition,
  type GetAccountRequest,
  type SetOverageMethodRequest,
} from '@oneclaw/contracts/billing';
import { type CallContext, RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { OVERAGE_METHODS } from '../plans/plan.js';
import { planToProto } from '../plans/plan.proto.js';
import { UsageService } from '../usage/usage.service.js';
import { checkOneOf } from '../validation.js';
import { BillingAccountService } from './billing-account.service.js';

const NO_CREDITS = { balanceMicros: 0, expiringMicros: 0 };

@RpcController(BillingAccountServiceDefinition)
export class BillingAccountGrpc implements RpcHandlers<typeof BillingAccountServiceDefinition> {
  constructor(
    private readonly account: BillingAccountService,
    private readonly usage: UsageService,
  ) {}

  async getAccount(_request: GetAccountRequest, context: CallContext) {
    const { orgId } = requireCaller(context.caller, 'user');
    const { plan, usage } = await this.usage.summary(orgId);
    return {
      plan: planToProto(plan),
      requestLimit: plan.requests ?? undefined,
      requests: usage.requests,
      overageMethod: plan.overageMethod,
      status: 'none',
      periodEnd: plan.tierUntil ?? undefined,
      credits: NO_CREDITS,
    };
  }

  async setOverageMethod(request: SetOverageMethodRequest, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    const method = checkOneOf(request.method, OVERAGE_METHODS, 'method');
    await this.account.setOverageMethod(caller, method, context);
    return { method };
  }
}
