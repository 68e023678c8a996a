import { describe, expect, it } from '@jest/globals';
import { toIpRuleResponse } from './ip-rules.mapper.js';

describe('an IP rule', () => {
  const rule = {
    id: 'r',
    orgId: 'o',
    ruleType: 'deny',
    cidr: '192.0.2.0/24',
    label: 'office',
    appliesTo: 'agents',
    createdBy: 'u',
    createdAt: new Date('2026-03-01T12:30:00Z'),
  };

  it('is told as it was made', () => {
    expect(toIpRuleResponse(rule)).toEqual({
      id: 'r',
      org_id: 'o',
      rule_type: 'deny',
      cidr: '192.0.2.0/24',
      label: 'office',
      applies_to: 'agents',
      created_by: 'u',
      created_at: '2026-03-01T12:30:00.000Z',
    });
  });

  it('may have no label, but must be there', () => {
    expect(toIpRuleResponse({ ...rule, label: undefined }).label).toBeUndefined();
    expect(() => toIpRuleResponse(undefined)).toThrow('without the IP rule');
  });
});
