import { describe, expect, it } from '@jest/globals';
import { SecretMetadata } from '@oneclaw/contracts/vault';
import { toMetadataResponse, toPutItem, toSecretResponse } from './secrets.mapper.js';
import { MAX_VALUE_BYTES, putSecretRequest, secretMetadataResponse, secretResponse } from './secrets.schemas.js';
import { preconditionHeaders } from './version-tags.js';

const AT = new Date('2030-01-02T03:04:05Z');
const metadata = SecretMetadata.fromPartial({
  id: 's',
  path: 'a/b',
  type: 'note',
  version: 3,
  metadataJson: '{"k":[1]}',
  createdAt: AT,
});
const shown = (value: object) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>;

describe('a secret', () => {
  it('in a list is metadata and nothing else', () => {
    const response = shown(toMetadataResponse({ ...metadata, expiresAt: AT }));
    expect(response).toEqual({
      id: 's',
      path: 'a/b',
      type: 'note',
      version: 3,
      metadata: { k: [1] },
      created_at: '2030-01-02T03:04:05.000Z',
      expires_at: '2030-01-02T03:04:05.000Z',
    });
    expect(Object.keys(response).sort()).toEqual(Object.keys(secretMetadataResponse.shape).sort());
  });

  it('has its value in full, also an empty one, and a map where no metadata was given', () => {
    const value = Buffer.from('pässwörd \u0000 🗝');
    const read = (bytes: Buffer) =>
      toSecretResponse({
        metadata: { ...metadata, metadataJson: '' },
        value: bytes,
        createdBy: 'agent:a',
        cmekEncrypted: false,
      });
    expect(read(value)).toMatchObject({
      value: 'pässwörd \u0000 🗝',
      metadata: {},
      created_by: 'agent:a',
      cmek_encrypted: false,
    });
    expect(read(Buffer.alloc(0)).value).toBe('');
    expect(Object.keys(shown({ ...read(value), expires_at: 'x' })).sort()).toEqual(
      Object.keys(secretResponse.shape).sort(),
    );
  });
});

describe('a secret to be stored', () => {
  it('goes as it came', () => {
    const body = putSecretRequest.parse({
      value: 'ü',
      type: 'env',
      metadata: { a: null },
      max_access_count: 2,
      expires_at: null,
    });
    const headers = preconditionHeaders.parse({ 'if-match': '"2"' });
    expect(toPutItem({ params: { vault_id: 'v', path: 'a' }, query: undefined, body, headers })).toEqual({
      vaultId: 'v',
      path: 'a',
      type: 'env',
      value: Buffer.from('ü'),
      metadataJson: '{"a":null}',
      rotationPolicyJson: '',
      expiresAt: undefined,
      maxAccessCount: 2,
      preconditions: { ifMatch: { any: false, versions: [2] }, ifNoneMatch: undefined },
    });
  });

  it('is measured in bytes of UTF-8', () => {
    expect(putSecretRequest.safeParse({ value: 'x'.repeat(MAX_VALUE_BYTES) }).success).toBe(true);
    expect(putSecretRequest.safeParse({ value: 'ü'.repeat(MAX_VALUE_BYTES / 2 + 1) }).success).toBe(false);
  });
});
