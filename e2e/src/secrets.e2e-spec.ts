import { describe, expect, it } from '@jest/globals';
import type { Secret, SecretMetadata } from './types.js';
import { newAgent, newOwnerWithVault, secretUrl } from './world.js';

const KIB_256 = 256 * 1024;

describe('storing secrets', () => {
  it('answers metadata and never the value', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const fields = {
      type: 'api_key',
      value: 'sk-never-shown',
      metadata: { team: 'a', nested: { n: 1, list: [null] } },
    };
    const answer = await owner.api.put(secretUrl(vault, 'a/b'), fields);
    expect(answer.as<SecretMetadata>(201)).toMatchObject({
      path: 'a/b',
      type: 'api_key',
      version: 1,
      metadata: fields.metadata,
    });
    expect(answer.text).not.toContain(fields.value);
  });

  it('is read back whole, with who wrote it', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const metadata = { team: 'a' };
    const stored = (await owner.api.put(secretUrl(vault, 'a'), { value: 'v', metadata })).as<SecretMetadata>(201);
    const answer = await owner.api.get(secretUrl(vault, 'a'));
    expect(answer.as<Secret>(200)).toMatchObject({ ...stored, value: 'v', created_by: `user:${owner.id}` });
    expect(answer.header('cache-control')).toBe('no-store');
  });

  it('names an agent as its author where one wrote it', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await newAgent(owner, [{ vault, pattern: 'a', permissions: ['write'] }]);
    (await agent.api.put(secretUrl(vault, 'a'), { value: 'v' })).as(201);
    expect((await owner.api.get(secretUrl(vault, 'a'))).as<Secret>(200).created_by).toBe(`agent:${agent.id}`);
  });

  it.each([
    'generic',
    'password',
    'api_key',
    'private_key',
    'certificate',
    'file',
    'note',
    'ssh_key',
    'env',
    'env_bundle',
  ])('knows the type %s', async (type) => {
    const { owner, vault } = await newOwnerWithVault();
    expect((await owner.api.put(secretUrl(vault, 'a'), { value: 'v', type })).as<SecretMetadata>(201).type).toBe(type);
    expect((await owner.api.get(secretUrl(vault, 'a'))).as<Secret>(200).type).toBe(type);
  });

  it('treats null for optional fields as absent', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const nothing = { type: null, metadata: null, expires_at: null, rotation_policy: null, max_access_count: null };
    const stored = (await owner.api.put(secretUrl(vault, 'a'), { value: 'v', ...nothing })).as<SecretMetadata>(201);
    expect(stored).toMatchObject({ type: 'generic', metadata: {} });
    expect(stored.expires_at ?? null).toBeNull();
    (await owner.api.get(secretUrl(vault, 'a'))).as<Secret>(200);
    (await owner.api.get(secretUrl(vault, 'a'))).as<Secret>(200);
  });

  it.each([
    ['value', {}],
    ['value', { value: null }],
    ['value', { value: 7 }],
    ['value', { value: { a: 1 } }],
    ['type', { value: 'v', type: 'secret' }],
    ['type', { value: 'v', type: '' }],
    ['metadata', { value: 'v', metadata: 'x' }],
    ['metadata', { value: 'v', metadata: [] }],
    ['expires_at', { value: 'v', expires_at: 'soon' }],
    ['rotation_policy', { value: 'v', rotation_policy: 'daily' }],
    ['max_access_count', { value: 'v', max_access_count: '3' }],
    ['max_access_count', { value: 'v', max_access_count: 1.5 }],
    ['max_access_count', { value: 'v', max_access_count: -1 }],
    ['max_access_count', { value: 'v', max_access_count: 1e12 }],
  ])('refuses a bad %s: %j', async (field, body) => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), body)).invalid(field);
    (await owner.api.get(secretUrl(vault, 'a'))).refused(404);
  });

  it('takes neither version, id, author nor vault from the body', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const mine = { version: 9, id: owner.id, created_by: 'user:someone', path: 'elsewhere', vault_id: owner.id };
    const stored = (await owner.api.put(secretUrl(vault, 'a'), { value: 'v', ...mine })).as<SecretMetadata>(201);
    expect(stored).toMatchObject({ path: 'a', version: 1 });
    expect(stored.id).not.toBe(owner.id);
  });
});

describe('the value of a secret', () => {
  it.each([
    ['empty', ''],
    ['one NUL', '\0'],
    ['NUL, controls and the delete character', 'a\0b\u0001\t\r\n\u001f\u007f'],
    ['emoji, beyond the basic plane and joined', '🗝️👩‍👩‍👧‍👦𝔘𐍈'],
    ['combining and right-to-left marks, not normalised', 'é vs é ﬁ \u202e\u200f'],
    ['a byte order mark first and separators of lines', '\ufeffx\u2028\u2029\u0085'],
    ['what looks like JSON, SQL and a template', `{"a":"\\u0000"}'; drop table secrets; --$' \${x} %s`],
    ['noncharacters', '\ufffe\uffff\u{10ffff}'],
  ])('comes back byte for byte: %s', async (_, value) => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value })).as(201);
    const read = (await owner.api.get(secretUrl(vault, 'a'))).as<Secret>(200).value;
    expect(Buffer.from(read).toString('hex')).toBe(Buffer.from(value).toString('hex'));
  });

  it('may have 256 KiB and not a byte more, counted in UTF-8', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const full = `${'€'.repeat(KIB_256 / 4)}${'x'.repeat(KIB_256 / 4)}`;
    expect(Buffer.byteLength(full)).toBe(KIB_256);
    (await owner.api.put(secretUrl(vault, 'a'), { value: full })).as(201);
    expect((await owner.api.get(secretUrl(vault, 'a'))).as<Secret>(200).value).toBe(full);
    (await owner.api.put(secretUrl(vault, 'a'), { value: `${full}x` })).invalid('value');
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'x'.repeat(KIB_256 + 1) })).invalid('value');
    expect((await owner.api.get(secretUrl(vault, 'a'))).as<Secret>(200).version).toBe(1);
  });

  it('is refused rather than changed where it is no text that UTF-8 can carry', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const loneSurrogate = Buffer.from('{"value":"a\\ud800b"}');
    const brokenBytes = Buffer.concat([Buffer.from('{"value":"a'), Buffer.from([0xff, 0xfe]), Buffer.from('b"}')]);
    (await owner.api.put(secretUrl(vault, 'a'), loneSurrogate)).refused(400);
    (await owner.api.put(secretUrl(vault, 'a'), brokenBytes)).refused(400);
    (await owner.api.get(secretUrl(vault, 'a'))).refused(404);
  });
});
