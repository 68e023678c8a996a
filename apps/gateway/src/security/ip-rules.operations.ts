import { z } from 'zod';
import { queryFlag, uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';
import { createIpRuleRequest, ipRuleListResponse, ipRuleResponse } from './ip-rules.schemas.js';

const tag = 'Security';
const managers = { users: true, agents: false, only: 'managers' } as const;
const force = z.object({
  force: queryFlag('Do it also where the address that you call from would be refused from then on.').optional(),
});

export const listIpRules = defineOperation({
  id: 'listIpRules',
  method: 'GET',
  path: '/v1/security/ip-rules',
  tag,
  summary: 'List from where the org may be called',
  description: 'Oldest first.',
  access: managers,
  keyScope: 'org:read',
  audit: { action: 'iprule.list', resource: 'org' },
  answer: { status: 200, description: 'The rules.', schema: ipRuleListResponse },
});

export const createIpRule = defineOperation({
  id: 'createIpRule',
  method: 'POST',
  path: '/v1/security/ip-rules',
  tag,
  summary: 'Allow or block an address or network',
  description:
    'Acts within a second. Where an allow rule applies to a kind of caller, whoever matches none of them is refused; a block that matches always wins. IPv4-mapped IPv6 addresses are IPv4. A rule that would lock out the address of the caller is 409 unless forced.',
  access: managers,
  keyScope: 'org:write',
  audit: { action: 'iprule.create', resource: 'ip_rule' },
  query: force,
  body: createIpRuleRequest,
  answer: { status: 201, description: 'The rule.', schema: ipRuleResponse },
  refusals: [409],
});

export const deleteIpRule = defineOperation({
  id: 'deleteIpRule',
  method: 'DELETE',
  path: '/v1/security/ip-rules/:rule_id',
  tag,
  summary: 'Delete an IP rule',
  description:
    'Acts within a second. Where others stay that would lock out the address of the caller: 409 unless forced.',
  access: managers,
  keyScope: 'org:write',
  audit: { action: 'iprule.delete', resource: 'ip_rule', idFrom: 'rule_id' },
  params: z.object({ rule_id: uuid() }),
  query: force,
  answer: { status: 204, description: 'The rule is gone.' },
  refusals: [404, 409],
});
