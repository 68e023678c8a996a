import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { associatedDataOf, type BoundVersion } from './associated-data.js';

const VERSION: BoundVersion = {
  orgId: '01890a5d-ac96-774b-bcce-b302099a8057',
  vaultId: '01890a5d-ac96-7ab3-80e2-4536e73ce4f1',
  secretId: '01890a5d-ac97-7c11-9a3e-5b1d2c7f0a42',
  path: 'db/password',
  version: 1,
  type: 'password',
  metadataJson: '{}',
  rotationPolicyJson: null,
  createdBy: 'user:01890a5d-ac90-7d4f-8a60-16f6b1b8a001',
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
  expiresAt: null,
  maxAccessCount: null,
  cmekFingerprint: null,
};

const EXTREME: BoundVersion = {
  orgId: 'ffffffff-ffff-4fff-bfff-ffffffffffff',
  vaultId: '00000000-0000-7000-8000-000000000000',
  secretId: '00000000-0000-7000-8000-000000000001',
  path: `a/b-c_D/${'x'.repeat(504)}`,
  version: 2147483647,
  type: 'generic',
  metadataJson: '{"note":"🔑 é"}',
  rotationPolicyJson: '',
  createdBy: 'agent:01890a5d-ac90-7d4f-8a60-16f6b1b8a001',
  createdAt: new Date('1969-12-31T23:59:59.999Z'),
  expiresAt: new Date('9999-12-31T23:59:59.999Z'),
  maxAccessCount: 2147483647,
  cmekFingerprint: '0123456789abcdef'.repeat(4),
};

const hex = (version: BoundVersion) => associatedDataOf(version).toString('hex');

describe('the associated data of a secret version', () => {
  // Computed by an independent implementation; also in docs/associated-data.md.
  it.each<[BoundVersion, string]>([
    [VERSION, '839d37d994f0c1a30589788b100a3dbb5aff60dadefe9ee13de282ee13c1114f'],
    [{ ...VERSION, version: 2 }, 'c19bfe025be226fe7f2e6e65bdcb24bbe5829bf68378f8c33f0ea3a16c8c2c09'],
    [EXTREME, '362affacb50d33714192442459519e5ec6ea8ce848ca0863d2c561fa129fd8d1'],
  ])('is, for vector %#, the published one', (version, expected) => {
    expect(hex(version)).toBe(expected);
  });

  it('differs wherever anything differs, absent and empty included', () => {
    const short = fc.constantFrom('', 'a', 'ab', 'b', '\0\0\0\x01a');
    const orNull = fc.option(short, { nil: null });
    const date = fc.constantFrom(new Date(0), new Date(1), new Date(-1));
    const version: fc.Arbitrary<BoundVersion> = fc.record({
      orgId: short,
      vaultId: short,
      secretId: short,
      path: short,
      version: fc.constantFrom(1, 2, 256),
      type: short,
      metadataJson: short,
      rotationPolicyJson: orNull,
      createdBy: short,
      createdAt: date,
      expiresAt: fc.option(date, { nil: null }),
      maxAccessCount: fc.constantFrom(null, 1, 97),
      cmekFingerprint: orNull,
    });
    fc.assert(
      fc.property(version, version, (one, other) => {
        expect(hex(one) === hex(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
    for (const [name, value] of Object.entries(EXTREME)) {
      expect([name, hex({ ...VERSION, [name]: value }) === hex(VERSION)]).toEqual([name, false]);
    }
  });

  it('holds the longest JSON that a version may have', () => {
    const json = `{"a":"${'x'.repeat(16 * 1024 - 8)}"}`;
    expect(hex({ ...EXTREME, metadataJson: json, rotationPolicyJson: json })).not.toBe(hex(EXTREME));
  });

  it.each<[string, Partial<BoundVersion>]>([
    ['JSON beyond every limit', { metadataJson: 'x'.repeat(100_000) }],
    ['no date', { createdAt: new Date(Number.NaN) }],
    ['an endless time', { expiresAt: new Date(Number.POSITIVE_INFINITY) }],
    ['a negative number', { version: -1 }],
  ])('is not made of %s', (_what, impossible) => {
    expect(() => hex({ ...VERSION, ...impossible })).toThrow(RangeError);
  });
});
