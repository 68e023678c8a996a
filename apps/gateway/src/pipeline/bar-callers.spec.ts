import { describe, expect, it } from '@jest/globals';
import type { Access } from '../api/operation.js';
import type { Session } from '../sessions/session.js';
import { barOf } from './bar-callers.js';

const session = (type: 'user' | 'agent') => ({ type, id: 'me' }) as Session;
const key = (...areaScopes: string[]) => ({ ...session('user'), kind: 'api_key', scoped: true, areaScopes }) as Session;
const to = (access: Access) => ({ access });
const people = to({ users: true, agents: false });
const itself = to({ users: true, agents: 'itself' });

describe('the bar at the door', () => {
  it('stops agents where only people may go, and people where only agents may', () => {
    expect(barOf(people, session('agent'), undefined)).toBe('Agents may not call this.');
    expect(barOf(to({ users: false, agents: true }), session('user'), undefined)).toBe('Only agents may call this.');
    expect(barOf(people, session('user'), undefined)).toBeUndefined();
    expect(barOf(to({ users: true, agents: true }), session('agent'), undefined)).toBeUndefined();
  });

  it('lets an agent get itself and no other', () => {
    expect(barOf(itself, session('agent'), 'ME')).toBeUndefined();
    expect(barOf(itself, session('agent'), 'other')).toBe('Agents may call this for themselves only.');
    expect(barOf(itself, session('agent'), undefined)).toBeDefined();
    expect(barOf(itself, session('user'), 'other')).toBeUndefined();
  });

  it('stops personal API keys where a person has to log in', () => {
    const interactive = to({ users: true, agents: false, interactive: true });
    expect(barOf(interactive, { ...key(), scoped: false }, undefined)).toBe(
      'A personal API key is not enough for this: log in.',
    );
    expect(barOf(interactive, session('user'), undefined)).toBeUndefined();
    expect(barOf(people, { ...key(), scoped: false }, undefined)).toBeUndefined();
  });

  it('holds keys with scopes to them, and to operations that say what they ask for', () => {
    const reading = { ...people, keyScope: 'secrets:read' } as const;
    expect(barOf(reading, key('secrets:read'), undefined)).toBeUndefined();
    expect(barOf(reading, key('vaults:read'), undefined)).toBe('The scopes of this API key do not cover this.');
    expect(barOf(people, key('secrets:*'), undefined)).toBe('The scopes of this API key do not cover this.');
    expect(barOf(people, key(), undefined)).toBe('The scopes of this API key do not cover this.');
  });
});
