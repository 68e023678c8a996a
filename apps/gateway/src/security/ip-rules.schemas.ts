import { z } from 'zod';
import { freeText, optional, text } from '../api/fields.js';
import { instant, looseAnswer, requestBody } from '../openapi/schemas.js';

export const createIpRuleRequest = requestBody('CreateIpRuleRequest', {
  rule_type: z.enum(['allow', 'block', 'deny']).meta({
    description: '`allow` makes a list of what is allowed; `block`, or `deny`, which is the same, wins over it.',
  }),
  cidr: text(64).meta({
    description: 'An IPv4 or IPv6 address, or a network in CIDR notation.',
    examples: ['203.0.113.0/24', '2001:db8::/32'],
  }),
  label: optional(freeText(400)),
  description: optional(freeText(400)).meta({ description: 'Another name for `label`.' }),
  applies_to: optional(z.enum(['all', 'users', 'agents'])).meta({ description: '`all` unless told.' }),
});

export const ipRuleResponse = looseAnswer('IpRuleResponse', {
  id: z.uuid(),
  org_id: z.uuid(),
  rule_type: z.string(),
  cidr: z
    .string()
    .meta({ description: 'In the one spelling that it has, without the bits that the prefix leaves out.' }),
  label: z.string().optional(),
  applies_to: z.string(),
  created_by: z.uuid(),
  created_at: instant(),
});

export const ipRuleListResponse = looseAnswer('IpRulesListResponse', { rules: z.array(ipRuleResponse) });

export type IpRuleResponse = z.output<typeof ipRuleResponse>;
