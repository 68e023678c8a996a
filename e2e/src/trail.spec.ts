import { describe, expect, it } from '@jest/globals';
import { inChainOrder } from './trail.js';
import type { AuditEvent } from './types.js';

const event = (id: string, previous: string | null, hash = `hash of ${id}`): AuditEvent => ({
  id,
  org_id: 'o',
  actor_type: 'user',
  actor_id: 'u',
  action: 'secret.read',
  resource_type: 'secret',
  details: {},
  created_at: '2030-01-01T00:00:00Z',
  prev_event_id: previous,
  integrity_hash: hash,
});

describe('the order of a chain', () => {
  it('follows the links', () => {
    const [a, b, c] = [event('a', null), event('b', 'a'), event('c', 'b')];
    expect(inChainOrder([c, a, b])).toEqual([a, b, c]);
  });

  it.each([
    ['a gap', [event('a', null), event('c', 'b')]],
    ['no start', [event('b', 'a')]],
    ['two starts', [event('a', null), event('b', null)]],
    ['a fork', [event('a', null), event('b', 'a'), event('c', 'a')]],
    ['an event twice', [event('a', null), event('b', 'a'), event('b', 'a')]],
    ['equal hashes', [event('a', null, 'h'), event('b', 'a', 'h')]],
  ])('is refused where there is %s', (_, events) => {
    expect(() => inChainOrder(events)).toThrow();
  });
});
