import { describe, expect, it } from '@jest/globals';
import { toInvitationResponse, toMemberResponse } from './org.mapper.js';

const TIME = new Date('2026-03-01T12:30:00.123Z');

describe('a member', () => {
  const member = { id: 'u', email: 'a@b.c', role: 'admin', authMethod: 'password', createdAt: TIME };

  it('is told with its fields', () => {
    expect(toMemberResponse({ ...member, displayName: 'Ada' })).toEqual({
      id: 'u',
      email: 'a@b.c',
      display_name: 'Ada',
      role: 'admin',
      auth_method: 'password',
      created_at: '2026-03-01T12:30:00.123Z',
    });
  });

  it('may have no name', () => {
    expect(toMemberResponse({ ...member, displayName: undefined }).display_name).toBeUndefined();
  });

  it('must be there', () => {
    expect(() => toMemberResponse(undefined)).toThrow('without the member');
  });
});

describe('an invitation', () => {
  it('is told without its token', () => {
    const invitation = { id: 'i', email: 'a@b.c', role: 'member', invitedBy: 'u', createdAt: TIME, expiresAt: TIME };
    expect(toInvitationResponse(invitation)).toEqual({
      id: 'i',
      email: 'a@b.c',
      role: 'member',
      invited_by: 'u',
      created_at: '2026-03-01T12:30:00.123Z',
      expires_at: '2026-03-01T12:30:00.123Z',
    });
  });
});
