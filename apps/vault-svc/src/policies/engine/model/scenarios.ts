import fc from 'fast-check';
import { compilePattern, type AccessAction, type AccessRequest, type PathPattern, type PolicyRule } from '../index.js';
import { PERMISSIONS } from '../policy.js';
import { DAYS } from '../time-window.js';
import type { SlowRequest } from './slow-evaluate.js';

/** A Monday, noon in UTC. */
export const AT = Date.parse('2026-03-02T12:00:00Z');

/** Few values, so that things meet often. */
const id = fc.constantFrom('one', 'two');
const pattern = fc.constantFrom('**', 'a', 'a/*', 'a/**', '*/b', 'b*', 'a/b', 'a/b/*', '**/b', 'a/*/c');
const ip = fc.constantFrom('10.0.0.1', '10.1.0.1', '::ffff:10.0.0.1', '2001:db8::1', '');
const hour = fc.constantFrom('00:00', '06:00', '12:00', '12:01', '18:00');

const window = fc
  .record(
    {
      after: hour,
      before: hour,
      timezone: fc.constantFrom('Europe/Berlin', 'Pacific/Auckland'),
      days: fc.subarray([...DAYS], { minLength: 1 }),
    },
    { requiredKeys: ['after', 'before'] },
  )
  .filter(({ after, before }) => after !== before);

export const rule: fc.Arbitrary<PolicyRule> = fc.record({
  id: fc.uuid(),
  pattern,
  permissions: fc.subarray([...PERMISSIONS], { minLength: 1 }),
  expiresAt: fc.constantFrom(undefined, undefined, new Date(AT - 1), new Date(AT), new Date(AT + 1)),
  conditions: fc.record(
    {
      ip_allowlist: fc.subarray(['10.0.0.0/16', '2001:db8::/32', '10.1.0.1'], { minLength: 1 }),
      time_window: window,
    },
    { requiredKeys: [] },
  ),
});

export const scenario: fc.Arbitrary<SlowRequest> = fc.record({
  action: fc.constantFrom<AccessAction>('read', 'write', 'delete', 'list', 'share'),
  subject: fc.record({
    type: fc.constantFrom<'user' | 'agent'>('user', 'agent'),
    id,
    orgId: fc.constantFrom('one', 'one', 'one', 'two'),
    vaultIds: fc.subarray(['one', 'two']),
  }),
  scopes: fc.option(fc.array(pattern, { maxLength: 2 }), { nil: undefined }),
  vault: fc.record({
    id,
    orgId: fc.constant('one'),
    createdBy: id,
    createdByType: fc.constantFrom<'user' | 'system'>('user', 'user', 'system'),
  }),
  path: fc.constantFrom('a', 'b', 'a/b', 'b/b', 'a/b/c', 'bb'),
  ip,
  at: fc.constant(AT),
});

/** The same request for the engine. */
export function toRequest({ scopes, ...request }: SlowRequest): AccessRequest {
  const pathScopes = scopes?.map((text) => compilePattern(text) as PathPattern);
  return { ...request, subject: { ...request.subject, pathScopes } };
}
