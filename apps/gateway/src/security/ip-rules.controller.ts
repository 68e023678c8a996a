import { Controller } from '@nestjs/common';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { toIpRuleResponse } from './ip-rules.mapper.js';
import { createIpRule, deleteIpRule, listIpRules } from './ip-rules.operations.js';

@Controller()
export class IpRulesController {
  constructor(
    private readonly clients: AuthClients,
    private readonly sessions: SessionsService,
  ) {}

  @Operation(listIpRules)
  async list(call: SessionCall) {
    const { rules } = await this.clients.ipRules.listIpRules({}, call);
    return { rules: rules.map(toIpRuleResponse) };
  }

  @Operation(createIpRule)
  async create(call: SessionCall, { body, query: { force = false } }: InputOf<typeof createIpRule>) {
    const { rule_type: ruleType, cidr, applies_to: appliesTo = 'all', label = body.description } = body;
    const { rule } = await this.clients.ipRules.createIpRule({ ruleType, cidr, appliesTo, label, force }, call);
    this.sessions.forget(`org:${call.session.orgId}`);
    return toIpRuleResponse(rule);
  }

  @Operation(deleteIpRule)
  async delete(call: SessionCall, { params, query: { force = false } }: InputOf<typeof deleteIpRule>) {
    await this.clients.ipRules.deleteIpRule({ ruleId: params.rule_id, force }, call);
    this.sessions.forget(`org:${call.session.orgId}`);
  }
}
