import { describe, expect, it } from '@jest/globals';
import { Vault } from '@oneclaw/contracts/vault';
import { toVaultResponse } from './vaults.mapper.js';
import { vaultResponse } from './vaults.schemas.js';

const vault = Vault.fromPartial({ id: 'v', name: 'n', createdBy: 'u', createdByType: 'user', createdAt: new Date(0) });

describe('a vault', () => {
  it('has exactly the fields of the document', () => {
    const response = toVaultResponse({ ...vault, description: 'd', cmekEnabled: true, cmekFingerprint: 'f' });
    expect(Object.keys(JSON.parse(JSON.stringify(response)) as object).sort()).toEqual(
      Object.keys(vaultResponse.shape).sort(),
    );
  });

  it('leaves out what is unset', () => {
    expect(JSON.parse(JSON.stringify(toVaultResponse({ ...vault, description: '' })))).toEqual({
      id: 'v',
      name: 'n',
      created_by: 'u',
      created_by_type: 'user',
      created_at: '1970-01-01T00:00:00.000Z',
      cmek_enabled: false,
    });
  });
});
