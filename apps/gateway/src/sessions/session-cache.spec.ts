import { describe, expect, it } from '@jest/globals';
import { SessionCache } from './session-cache.js';
import type { Session } from './session.js';

const session = (fields: Partial<Session> = {}): Session => ({
  type: 'agent',
  id: 'a1',
  orgId: 'o1',
  role: '',
  kind: 'agent',
  jti: 'j1',
  areaScopes: [],
  scoped: false,
  assertion: 'assertion',
  usableUntil: 1000,
  renewFrom: 500,
  ...fields,
});

function world() {
  const state = { now: 0, fresh: true };
  const cache = new SessionCache(state, () => state.now);
  const keep = (hash: string, fields: Partial<Session> = {}) => cache.put(cache.ticket(), hash, session(fields));
  return { state, cache, keep };
}

describe('the session cache', () => {
  it('answers what was put, until it ends', () => {
    const { state, cache, keep } = world();
    keep('t');
    expect(cache.get('t')).toEqual(session());
    state.now = 1000;
    expect(cache.get('t')).toBeUndefined();
  });

  it('keeps nothing that has ended already', () => {
    const { cache, keep } = world();
    keep('t', { usableUntil: 0 });
    expect(cache.size).toBe(0);
  });

  it('keeps nothing that was made by a clock far ahead', () => {
    const { cache, keep } = world();
    keep('t', { usableUntil: 300_000 });
    expect(cache.size).toBe(0);
  });

  it('uses nothing that would last for long because our own clock was put back', () => {
    const { state, cache, keep } = world();
    keep('t', { usableUntil: 50_000 });
    state.now = -300_000;
    expect(cache.get('t')).toBeUndefined();
    state.now = 10;
    expect(cache.get('t')).toBeDefined();
  });

  it.each(['jti:j1', 'agent:a1', 'org:o1'])('drops what %s voids, and nothing else', (key) => {
    const { cache, keep } = world();
    keep('t');
    keep('other', { id: 'a2', orgId: 'o2', jti: 'j2' });
    cache.invalidate([key]);
    expect(cache.get('t')).toBeUndefined();
    expect(cache.get('other')).toBeDefined();
  });

  it('does not mistake a user for an agent of the same id', () => {
    const { cache, keep } = world();
    keep('t');
    cache.invalidate(['user:a1']);
    expect(cache.get('t')).toBeDefined();
  });

  it('drops every token of a principal', () => {
    const { cache, keep } = world();
    keep('t1', { jti: 'j1' });
    keep('t2', { jti: 'j2' });
    cache.invalidate(['agent:a1']);
    expect(cache.size).toBe(0);
  });

  it('does not keep an answer whose keys were voided while the question was under way', () => {
    const { cache } = world();
    const ticket = cache.ticket();
    cache.invalidate(['jti:j1']);
    cache.put(ticket, 't', session());
    expect(cache.get('t')).toBeUndefined();
    cache.put(cache.ticket(), 't', session());
    expect(cache.get('t')).toBeDefined();
  });

  it('keeps an answer when something else was voided meanwhile', () => {
    const { cache } = world();
    const ticket = cache.ticket();
    cache.invalidate(['jti:other']);
    cache.put(ticket, 't', session());
    expect(cache.get('t')).toBeDefined();
  });

  it('does not keep an answer to a question from before something was lost', () => {
    const { cache, keep } = world();
    keep('kept');
    const ticket = cache.ticket();
    cache.clear();
    cache.put(ticket, 't', session());
    expect(cache.size).toBe(0);
  });

  it('neither answers nor keeps while nobody is heard', () => {
    const { state, cache, keep } = world();
    keep('t');
    state.fresh = false;
    expect(cache.get('t')).toBeUndefined();
    keep('u');
    state.fresh = true;
    expect(cache.get('u')).toBeUndefined();
  });

  it('forgets no voided key that matters when there are very many', () => {
    const { cache } = world();
    const ticket = cache.ticket();
    cache.invalidate(['jti:j1']);
    for (let batch = 0; batch < 30; batch += 1)
      cache.invalidate(Array.from({ length: 1000 }, (_, key) => `jti:${batch}-${key}`));
    cache.put(ticket, 't', session());
    expect(cache.get('t')).toBeUndefined();
  });

  it('replaces a session and voids it by its keys of now', () => {
    const { cache, keep } = world();
    keep('t');
    keep('t', { orgId: 'o2' });
    cache.invalidate(['org:o1']);
    expect(cache.get('t')?.orgId).toBe('o2');
    cache.invalidate(['org:o2']);
    expect(cache.get('t')).toBeUndefined();
  });
});
