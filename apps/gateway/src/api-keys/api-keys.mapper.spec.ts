import { describe, expect, it } from '@jest/globals';
import { ApiKey } from '@oneclaw/contracts/auth';
import { toApiKeyResponse } from './api-keys.mapper.js';

const fields = { id: 'k', name: 'ci', keyPrefix: '1ck_AAAAAAAA', scopes: ['app/**'], isActive: true };

describe('an API key', () => {
  it('leaves out times that are not set', () => {
    const key = toApiKeyResponse(ApiKey.fromPartial({ ...fields, createdAt: new Date(0) }));
    expect(JSON.parse(JSON.stringify(key))).toEqual({
      id: 'k',
      name: 'ci',
      key_prefix: '1ck_AAAAAAAA',
      scopes: ['app/**'],
      is_active: true,
      created_at: '1970-01-01T00:00:00.000Z',
    });
  });

  it('has the others in UTC', () => {
    const times = { createdAt: new Date(0), expiresAt: new Date(1000), lastUsedAt: new Date(2000) };
    expect(toApiKeyResponse(ApiKey.fromPartial({ ...fields, ...times }))).toMatchObject({
      expires_at: '1970-01-01T00:00:01.000Z',
      last_used_at: '1970-01-01T00:00:02.000Z',
    });
  });
});
