import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { evaluate, type AccessAction, type AccessRequest, type Decision } from './evaluate.js';
import { AT, rule, scenario, toRequest } from './model/scenarios.js';
import { slowAllowed, slowMismatches } from './model/slow-evaluate.js';
import { compilePattern, type PathPattern } from './path-pattern.js';
import { PERMISSIONS, compilePolicy, type CompiledPolicy, type PolicyRule } from './policy.js';

const scopes = (...texts: string[]) => texts.map((text) => compilePattern(text) as PathPattern);

function policy(overrides: Partial<PolicyRule> = {}): CompiledPolicy {
  const rule = { id: 'p', pattern: '**', permissions: ['read'] as const, conditions: {}, expiresAt: undefined };
  return compilePolicy({ ...rule, ...overrides }) as CompiledPolicy;
}

function request(overrides: Partial<AccessRequest> = {}): AccessRequest {
  return {
    action: 'read',
    subject: { type: 'agent', id: 'agent-1', orgId: 'org-1', vaultIds: [], pathScopes: undefined },
    vault: { id: 'vault-1', orgId: 'org-1', createdBy: 'user-1', createdByType: 'user' },
    path: 'db/password',
    ip: '192.0.2.7',
    at: AT,
    ...overrides,
  };
}

const subject = (overrides: Partial<AccessRequest['subject']>) => ({ ...request().subject, ...overrides });
const refused = (reason: string, policyId?: string) => ({ allowed: false, reason, ...(policyId ? { policyId } : {}) });

describe('access to a path', () => {
  it('is denied without a policy', () => {
    expect(evaluate(request(), [])).toEqual(refused('no_policy'));
  });

  it('is granted by a policy, which is named', () => {
    expect(evaluate(request(), [policy({ id: 'other', pattern: 'x' }), policy({ id: 'this' })])).toEqual({
      allowed: true,
      reason: 'policy',
      policyId: 'this',
    });
  });

  it('is denied in another org, even with a policy', () => {
    expect(evaluate(request({ subject: subject({ orgId: 'org-2' }) }), [policy()])).toEqual(refused('other_org'));
  });

  it('is denied outside the vaults that an agent is bound to', () => {
    const bound = (...vaultIds: string[]) => request({ subject: subject({ vaultIds }) });
    expect(evaluate(bound('vault-2'), [policy()])).toEqual(refused('vault_not_bound'));
    expect(evaluate(bound('vault-2', 'vault-1'), [policy()]).allowed).toBe(true);
  });

  it('is denied outside the path scopes, even with a policy', () => {
    const scoped = (...texts: string[]) => request({ subject: subject({ pathScopes: scopes(...texts) }) });
    expect(evaluate(scoped('api/**'), [policy()])).toEqual(refused('outside_scope'));
    expect(evaluate(scoped('api/**', 'db/*'), [policy()]).allowed).toBe(true);
    expect(evaluate(scoped(), [policy()])).toEqual(refused('outside_scope'));
  });

  it('is the creator’s by right, under the ceiling of a scoped key', () => {
    const creator = { type: 'user', id: 'user-1' } as const;
    expect(evaluate(request({ action: 'write', subject: subject(creator) }), [])).toEqual({
      allowed: true,
      reason: 'creator',
    });
    const scoped = subject({ ...creator, pathScopes: scopes('api/**') });
    expect(evaluate(request({ subject: scoped }), [])).toEqual(refused('outside_scope'));
    expect(evaluate(request({ subject: subject({ type: 'agent', id: 'user-1' }) }), [])).toEqual(refused('no_policy'));
  });

  it('to the system’s vault comes from policies alone, and only for reading', () => {
    const vault = { ...request().vault, createdByType: 'system' as const };
    const user = subject({ type: 'user', id: 'user-1' });
    expect(evaluate(request({ vault, subject: user }), [])).toEqual(refused('no_policy'));
    const all = policy({ permissions: PERMISSIONS });
    expect(evaluate(request({ vault, subject: user }), [all]).allowed).toBe(true);
    expect(evaluate(request({ vault, subject: user, action: 'write' }), [all])).toEqual(refused('system_vault'));
    expect(evaluate(request({ vault, subject: user, action: 'delete' }), [all])).toEqual(refused('system_vault'));
  });

  it.each<[AccessAction, string[]]>([
    ['read', ['read']],
    ['list', ['read']],
    ['share', ['read']],
    ['write', ['write']],
    ['delete', ['write', 'delete']],
  ])('to %s needs one of %j', (action, sufficient) => {
    for (const permission of PERMISSIONS) {
      const { allowed } = evaluate(request({ action }), [policy({ permissions: [permission] })]);
      expect([permission, allowed]).toEqual([permission, sufficient.includes(permission)]);
    }
  });

  it('ends at the instant at which its policy expires', () => {
    const until = (at: number) => evaluate(request(), [policy({ expiresAt: new Date(at) })]);
    expect(until(AT)).toEqual(refused('policy_expired', 'p'));
    expect(until(AT + 1).allowed).toBe(true);
  });

  it('needs all conditions of its policy to hold', () => {
    const window = { after: '09:00', before: '17:00' };
    const strict = policy({ conditions: { ip_allowlist: ['192.0.2.0/24'], time_window: window } });
    expect(evaluate(request(), [strict]).allowed).toBe(true);
    expect(evaluate(request({ ip: '198.51.100.1' }), [strict])).toEqual(refused('ip_not_allowed', 'p'));
    expect(evaluate(request({ ip: '' }), [strict])).toEqual(refused('ip_not_allowed', 'p'));
    const evening = Date.parse('2026-03-02T20:00:00Z');
    expect(evaluate(request({ at: evening }), [strict])).toEqual(refused('outside_time_window', 'p'));
  });

  it('is refused with the reason of the policy that came nearest', () => {
    const nearest = (...policies: CompiledPolicy[]) =>
      (evaluate(request(), policies) as Decision & { policyId: string }).policyId;
    const other = policy({ id: 'pattern', pattern: 'x' });
    const permission = policy({ id: 'permission', permissions: ['write'] });
    const expired = policy({ id: 'expired', expiresAt: new Date(0) });
    const ip = policy({ id: 'ip', conditions: { ip_allowlist: ['198.51.100.1'] } });
    expect(nearest(other, ip, permission, expired)).toBe('ip');
    expect(nearest(expired, permission)).toBe('expired');
    expect(nearest(permission, other)).toBe('permission');
    expect(evaluate(request(), [other, permission])).toEqual(refused('no_permission', 'permission'));
    const [one, same] = [permission, policy({ id: 'same', permissions: ['delete'] })];
    expect(nearest(one, same)).toBe('permission');
  });

  it('is never granted by a stored policy that cannot be understood', () => {
    const rule = { id: 'p', permissions: ['read'] as const, expiresAt: undefined };
    expect(compilePolicy({ ...rule, pattern: 'a//b', conditions: {} })).toBeUndefined();
    const window = { after: '09:00', before: '17:00' };
    expect(compilePolicy({ ...rule, pattern: '**', conditions: { time_window: window } })).toBeDefined();
    const nonsense: unknown[] = [
      null,
      'none',
      { mfa: true },
      { ip_allowlist: null },
      { ip_allowlist: ['x'] },
      { ip_allowlist: [null] },
      { ip_allowlist: 7 },
      { time_window: null },
      { time_window: { after: '09:00' } },
      { time_window: { ...window, before: '24:00' } },
      { time_window: { ...window, after: 9 } },
      { time_window: { ...window, timezone: 'Mars/Olympus' } },
      { time_window: { ...window, days: null } },
      { time_window: { ...window, days: 'mon' } },
      { time_window: { ...window, weeks: [1] } },
    ];
    const compiled = nonsense.map((conditions) =>
      compilePolicy({ ...rule, pattern: '**', conditions: conditions as object }),
    );
    expect(compiled.filter((each) => each !== undefined)).toEqual([]);
    expect(compilePolicy({ ...rule, pattern: null as never, conditions: {} })).toBeUndefined();
    expect(compilePolicy({ ...rule, pattern: '**', conditions: {}, expiresAt: Infinity as never })).toBeUndefined();
  });

  it('is refused rather than judged for long, by however many patterns made for that', () => {
    const hostile = Array.from({ length: 10_000 }, (_, index) =>
      policy({ id: `hostile ${index}`, pattern: `**/${'*a/'.repeat(100)}${index}` }),
    );
    const path = `${'a/'.repeat(250)}c`;
    const started = performance.now();
    expect(evaluate(request({ path }), [...hostile, policy()])).toEqual(refused('too_complex'));
    expect(performance.now() - started).toBeLessThan(2000);
    expect(evaluate(request(), [...hostile, policy({ pattern: 'db/*' })]).allowed).toBe(true);
  });

  it('is found by the one policy of many that grants it', () => {
    const many = Array.from({ length: 10_000 }, (_, index) =>
      policy({ id: `${index}`, pattern: index % 2 ? `team-${index}/**` : `team-${index}/db/*` }),
    );
    for (const index of [0, 1, 4999, 9999]) {
      const decision = evaluate(request({ path: `team-${index}/db/password` }), many);
      expect(decision).toEqual({ allowed: true, reason: 'policy', policyId: `${index}` });
    }
    expect(evaluate(request({ path: 'team-10000/db/password' }), many)).toEqual(refused('no_policy'));
  });

  it('agrees with the slow, obvious model', () => {
    fc.assert(
      fc.property(scenario, fc.array(rule, { maxLength: 4 }), (slow, rules) => {
        const compiled = rules.map((each) => compilePolicy(each) as CompiledPolicy);
        const decision = evaluate(toRequest(slow), compiled);
        expect(decision.allowed).toBe(slowAllowed(slow, rules));
        if (decision.reason !== 'policy') return;
        const named = rules.find((each) => each.id === decision.policyId);
        expect(slowMismatches(slow, named as PolicyRule)).toEqual([]);
      }),
      { numRuns: 5000 },
    );
  });
});
