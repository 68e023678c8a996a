import type { IpRule } from '@oneclaw/contracts/auth';
import { instantOf, present } from '../api/wire.js';
import type { IpRuleResponse } from './ip-rules.schemas.js';

export function toIpRuleResponse(found: IpRule | undefined): IpRuleResponse {
  const rule = present(found, 'the IP rule');
  return {
    id: rule.id,
    org_id: rule.orgId,
    rule_type: rule.ruleType,
    cidr: rule.cidr,
    label: rule.label,
    applies_to: rule.appliesTo,
    created_by: rule.createdBy,
    created_at: instantOf(rule.createdAt),
  };
}
