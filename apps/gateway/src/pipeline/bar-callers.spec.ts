import { describe, expect, it } from '@jest/globals';
import type { Access } from '../api/operation.js';
import type { Session } from '../sessions/session.js';
import { barOf } from './bar-callers.js';

const session = (type: 'user' | 'agent') => ({ type, id: 'me' }) as Session;
const people: Access = { users: true, agents: false };
const itself: Access = { users: true, agents: 'itself' };

describe('the bar at the door', () => {
  it('stops agents where only people may go, and people where only agents may', () => {
    expect(barOf(people, session('agent'), undefined)).toBe('Agents may not call this.');
    expect(barOf({ users: false, agents: true }, session('user'), undefined)).toBe('Only agents may call this.');
    expect(barOf(people, session('user'), undefined)).toBeUndefined();
    expect(barOf({ users: true, agents: true }, session('agent'), undefined)).toBeUndefined();
  });

  it('lets an agent get itself and no other', () => {
    expect(barOf(itself, session('agent'), 'ME')).toBeUndefined();
    expect(barOf(itself, session('agent'), 'other')).toBe('Agents may call this for themselves only.');
    expect(barOf(itself, session('agent'), undefined)).toBeDefined();
    expect(barOf(itself, session('user'), 'other')).toBeUndefined();
  });
});
