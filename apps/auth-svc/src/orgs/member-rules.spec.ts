import { describe, expect, it } from '@jest/globals';
import type { Role } from '@oneclaw/caller';
import { checkGrant, checkRemoval, checkRoleChange } from './member-rules.js';

const ROLES: Role[] = ['owner', 'admin', 'member'];

/** Who is who: `self` calls, `other` is spoken of; with another owner beside them, or not. */
function membersOf(self: Role, other: Role, anotherOwner: boolean) {
  const members = [
    { userId: 'self', role: self },
    { userId: 'other', role: other },
  ];
  return anotherOwner ? [...members, { userId: 'third', role: 'owner' as const }] : members;
}

function outcomeOf(act: () => unknown): string {
  try {
    act();
    return 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** Told once more, in other words. */
function expected(self: Role, before: Role, after: Role | 'gone', ownersLeft: number): string {
  if (self === 'member') return 'permission_denied';
  if (self === 'admin' && (before === 'owner' || after === 'owner')) return 'permission_denied';
  return before === 'owner' && after !== 'owner' && ownersLeft === 0 ? 'conflict' : 'ok';
}

const cases = ROLES.flatMap((self) =>
  ROLES.flatMap((other) => [true, false].map((third): [Role, Role, boolean] => [self, other, third])),
);

describe('the rules on members', () => {
  it.each(cases)('hold for what a %s does to a %s (another owner there: %s)', (self, other, third) => {
    const members = membersOf(self, other, third);
    const owners = members.filter(({ userId, role }) => role === 'owner' && userId !== 'other').length;
    for (const role of ROLES) {
      expect(outcomeOf(() => checkRoleChange(members, { id: 'self' }, 'other', role))).toBe(
        expected(self, other, role, owners),
      );
    }
    expect(outcomeOf(() => checkRemoval(members, { id: 'self' }, 'other'))).toBe(expected(self, other, 'gone', owners));
  });

  it.each(cases)(
    'hold for what a %s does to themselves beside a %s (another owner there: %s)',
    (self, other, third) => {
      const members = membersOf(self, other, third);
      const owners = members.filter(({ userId, role }) => role === 'owner' && userId !== 'self').length;
      for (const role of ROLES) {
        expect(outcomeOf(() => checkRoleChange(members, { id: 'self' }, 'self', role))).toBe(
          expected(self, self, role, owners),
        );
      }
      expect(outcomeOf(() => checkRemoval(members, { id: 'self' }, 'self'))).toBe(expected(self, self, 'gone', owners));
    },
  );

  it('know nobody who is not in the org', () => {
    const members = membersOf('owner', 'member', false);
    expect(outcomeOf(() => checkRemoval(members, { id: 'self' }, 'stranger'))).toBe('not_found');
    expect(outcomeOf(() => checkRoleChange(members, { id: 'self' }, 'stranger', 'admin'))).toBe('not_found');
    expect(outcomeOf(() => checkRemoval(members, { id: 'stranger' }, 'other'))).toBe('unauthenticated');
  });

  it('tell a member about rights, not about who is there', () => {
    const members = membersOf('member', 'owner', false);
    expect(outcomeOf(() => checkRemoval(members, { id: 'self' }, 'stranger'))).toBe('permission_denied');
  });

  it('let only owners ask owners in', () => {
    const asked = ROLES.map((self) =>
      ROLES.map((role) => outcomeOf(() => checkGrant({ userId: 'self', role: self }, role))),
    );
    expect(asked).toEqual([
      ['ok', 'ok', 'ok'],
      ['permission_denied', 'ok', 'ok'],
      ['permission_denied', 'ok', 'ok'],
    ]);
  });
});
