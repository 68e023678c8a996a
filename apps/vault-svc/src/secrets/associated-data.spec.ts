import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { associatedDataOf, type VersionPlace } from './associated-data.js';

const PLACE: VersionPlace = {
  orgId: '01890a5d-ac96-774b-bcce-b302099a8057',
  vaultId: '01890a5d-ac96-7ab3-80e2-4536e73ce4f1',
  path: 'db/password',
  version: 1,
};

const hex = (place: VersionPlace) => associatedDataOf(place).toString('hex');

describe('the associated data of a secret version', () => {
  // Computed by an independent implementation; also in docs/associated-data.md.
  it.each<[VersionPlace, string]>([
    [PLACE, '16628f9164f44f8bec4987b33d4d1520f48105accb9e9d4825dde482e8641eea'],
    [{ ...PLACE, version: 2 }, 'f294f4aba00aab8f6d279031e08ff899887721fa915bf964f2eb6cf09818ee8c'],
    [
      {
        orgId: 'ffffffff-ffff-4fff-bfff-ffffffffffff',
        vaultId: '00000000-0000-7000-8000-000000000000',
        path: `a/b-c_D/${'x'.repeat(504)}`,
        version: 4294967295,
      },
      'a95ad0a6bd5afbe9aa8bfec92633d0ad4568689c2acd63e4f3dc8613a8f24afc',
    ],
  ])('is, for vector %#, the published one', (place, expected) => {
    expect(hex(place)).toBe(expected);
  });

  it('differs wherever any part of the place differs', () => {
    const uuid = fc.constantFrom(PLACE.orgId, PLACE.vaultId);
    const place = fc.record({
      orgId: uuid,
      vaultId: uuid,
      path: fc.constantFrom('a', 'ab', 'a/b', 'b'),
      version: fc.constantFrom(1, 2, 256),
    });
    fc.assert(
      fc.property(place, place, (one, other) => {
        expect(hex(one) === hex(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  it('is not made of a path that is too long', () => {
    expect(() => hex({ ...PLACE, path: 'a'.repeat(600) })).toThrow(RangeError);
  });
});
