import { requireCaller } from '@oneclaw/caller';
import {
  type CreateIpRuleRequest,
  type DeleteIpRuleRequest,
  IpRuleServiceDefinition,
  type ListIpRulesRequest,
} from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { parseIpRule } from './ip-rule-input.js';
import type { StoredIpRule } from './ip-rule.entity.js';
import { IpRulesService } from './ip-rules.service.js';

@RpcController(IpRuleServiceDefinition)
export class IpRulesGrpc implements RpcHandlers<typeof IpRuleServiceDefinition> {
  constructor(private readonly rules: IpRulesService) {}

  async listIpRules(_request: ListIpRulesRequest, call: CallContext) {
    const rules = await this.rules.list(requireCaller(call.caller, 'user'), call);
    return { rules: rules.map(toProto) };
  }

  async createIpRule(request: CreateIpRuleRequest, call: CallContext) {
    const caller = requireCaller(call.caller, 'user');
    return { rule: toProto(await this.rules.create(caller, call, parseIpRule(request), request.force)) };
  }

  async deleteIpRule({ ruleId, force }: DeleteIpRuleRequest, call: CallContext) {
    await this.rules.delete(requireCaller(call.caller, 'user'), call, ruleId.toLowerCase(), force);
    return {};
  }
}

function toProto({ label, ...rule }: StoredIpRule) {
  return { ...rule, label: label ?? undefined };
}
