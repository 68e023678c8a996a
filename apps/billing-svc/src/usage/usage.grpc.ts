import { requireCaller } from '@oneclaw/caller';
import { type GetUsageRequest, type ListUsageRequest, UsageServiceDefinition } from '@oneclaw/contracts/billing';
import { type CallContext, RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { checkInteger } from '../validation.js';
import { UsageService } from './usage.service.js';

const MAX_PAGE = 200;

@RpcController(UsageServiceDefinition)
export class UsageGrpc implements RpcHandlers<typeof UsageServiceDefinition> {
  constructor(private readonly usage: UsageService) {}

  async getUsage(_request: GetUsageRequest, context: CallContext) {
    const { orgId } = requireCaller(context.caller, 'user');
    const { plan, usage } = await this.usage.summary(orgId);
    const { requests, paidRequests, costMicros } = usage;
    return { tier: plan.tier, requestLimit: plan.requests ?? undefined, requests, paidRequests, costMicros };
  }

  async listUsage({ limit, cursor }: ListUsageRequest, context: CallContext) {
    const { orgId } = requireCaller(context.caller, 'user');
    return this.usage.history(orgId, checkInteger(limit, 1, MAX_PAGE, 'limit'), cursor);
  }
}
