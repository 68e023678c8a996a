import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { evaluate, MISMATCHES } from './evaluate.js';
import { explain } from './explain.js';
import { AT, rule, scenario, toRequest } from './model/scenarios.js';
import { slowMismatches } from './model/slow-evaluate.js';
import { compilePolicy, type CompiledPolicy, type PolicyRule } from './policy.js';

const policy = (overrides: Partial<PolicyRule>) =>
  compilePolicy({
    id: 'p',
    pattern: 'db/*',
    permissions: ['read'],
    conditions: {},
    expiresAt: undefined,
    ...overrides,
  }) as CompiledPolicy;
const REQUEST = toRequest({
  action: 'read',
  subject: { type: 'agent', id: 'agent-1', orgId: 'org-1', vaultIds: [] },
  scopes: undefined,
  vault: { id: 'vault-1', orgId: 'org-1', createdBy: 'user-1', createdByType: 'user' },
  path: 'db/password',
  ip: '192.0.2.7',
  at: AT,
});
const found = (limit: number, ...policies: CompiledPolicy[]) =>
  explain(REQUEST, policies, limit).findings.map(({ policy: { id }, mismatches }) => [id, mismatches]);

describe('the explanation of a decision', () => {
  it('says everything that keeps a policy from granting it', () => {
    const conditions = { ip_allowlist: ['10.0.0.0/8'], time_window: { after: '13:00', before: '14:00' } };
    const nothingRight = policy({ pattern: 'x', permissions: ['delete'], expiresAt: new Date(AT), conditions });
    expect(found(9, nothingRight)).toEqual([['p', MISMATCHES]]);
    expect(found(9, policy({}))).toEqual([['p', []]]);
  });

  it('begins with what comes nearest, and keeps the order of what is equally near', () => {
    const far = policy({ id: 'far', pattern: 'x' });
    const near = policy({ id: 'near', conditions: { ip_allowlist: ['10.0.0.1'] } });
    const [one, other] = [
      policy({ id: 'one', permissions: ['write'] }),
      policy({ id: 'other', permissions: ['write'] }),
    ];
    const granting = policy({ id: 'granting' });
    const ids = (limit: number) => found(limit, far, one, near, other, granting).map(([id]) => id);
    expect(ids(9)).toEqual(['granting', 'near', 'one', 'other', 'far']);
    expect(ids(2)).toEqual(['granting', 'near']);
  });

  it('leaves out what takes too long to match', () => {
    const hostile = Array.from({ length: 1000 }, () => policy({ pattern: `**/${'*a/'.repeat(100)}b` }));
    const request = { ...REQUEST, path: `${'a/'.repeat(250)}c` };
    const { decision, findings } = explain(request, hostile, 5000);
    expect(decision).toMatchObject({ allowed: false, reason: 'too_complex' });
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.length).toBeLessThan(100);
  });

  it('is the decision of the evaluator, with the mismatches of the slow, obvious model', () => {
    fc.assert(
      fc.property(scenario, fc.array(rule, { maxLength: 4 }), (slow, rules) => {
        const compiled = rules.map((each) => compilePolicy(each) as CompiledPolicy);
        const { decision, findings } = explain(toRequest(slow), compiled, 10);
        expect(decision).toEqual(evaluate(toRequest(slow), compiled));
        expect(findings).toHaveLength(rules.length);
        for (const {
          policy: { id },
          mismatches,
        } of findings) {
          const of = rules.find((each) => each.id === id) as PolicyRule;
          expect(mismatches).toEqual(slowMismatches(slow, of));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
