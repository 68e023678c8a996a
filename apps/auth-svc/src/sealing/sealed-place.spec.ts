import { describe, expect, it } from '@jest/globals';
import { associatedDataOf } from './sealed-place.js';

describe('the associated data of a sealed value', () => {
  it('is the documented vector (docs/associated-data.md)', () => {
    const place = { purpose: 'mail-params', ownerId: '01890a5d-ac96-774b-bcce-b302099a8057' } as const;
    expect(associatedDataOf(place).toString('hex')).toBe(
      '6d8992defdce28c72f63bcb690ae2914f1151c88384d3e82b74e9e1a6dac3351',
    );
  });

  it('differs by purpose and by owner', () => {
    const ownerId = '01890a5d-ac96-774b-bcce-b302099a8057';
    const mail = associatedDataOf({ purpose: 'mail-params', ownerId });
    expect(associatedDataOf({ purpose: 'totp-secret', ownerId })).not.toEqual(mail);
    expect(associatedDataOf({ purpose: 'mail-params', ownerId: ownerId.replace('7', '8') })).not.toEqual(mail);
  });
});
