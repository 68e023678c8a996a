import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import { ClientKey, rotationHeaders } from './client-key.js';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { gatewayOf, ownStack } from './stacks.js';
import { by, denied, trailWith } from './trail.js';
import type { CmekJob, Secret, Vault } from './types.js';
import { newAgent, newApiKey, newOwner, newOwnerWithVault, newVault, secretUrl, type Owner } from './world.js';

const ENDS_MS = 20_000;

const cmekUrl = (vault: { id: string }): string => `/v1/vaults/${vault.id}/cmek`;
const rotateUrl = (vault: { id: string }): string => `/v1/vaults/${vault.id}/cmek-rotate`;

async function vaultUnder(key: ClientKey): Promise<{ owner: Owner; vault: Vault }> {
  const { owner, vault } = await newOwnerWithVault();
  (await owner.api.post(cmekUrl(vault), { fingerprint: key.fingerprint })).as(200);
  return { owner, vault };
}

async function rotate(api: Api, vault: Vault, oldKey: ClientKey, newKey: ClientKey): Promise<CmekJob> {
  const body = { new_fingerprint: newKey.fingerprint };
  return (await api.post(rotateUrl(vault), body, rotationHeaders(oldKey, newKey))).as<CmekJob>(202);
}

async function ended(api: Api, vault: Vault, job: CmekJob): Promise<CmekJob> {
  const { value } = await eventually('the job ends', ENDS_MS, async () => {
    const now = (await api.get(`${rotateUrl(vault)}/${job.id}`)).as<CmekJob>(200);
    return now.status === 'running' ? undefined : now;
  });
  return value;
}

describe('a vault under a key of the client’s', () => {
  it('is shown with its fingerprint, takes encrypted values only, and answers them as they were sent', async () => {
    const key = new ClientKey();
    const { owner, vault } = await newOwnerWithVault();
    const enabled = await owner.api.post(cmekUrl(vault), { fingerprint: key.fingerprint });
    expect(enabled.as<Vault>(200)).toEqual({ ...vault, cmek_enabled: true, cmek_fingerprint: key.fingerprint });
    expect((await owner.api.get(`/v1/vaults/${vault.id}`)).as<Vault>(200)).toEqual(enabled.as<Vault>(200));
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'plain' })).invalid('value');
    const value = key.encrypt('Ünder my key 🔑');
    (await owner.api.put(secretUrl(vault, 'a'), { value })).as(201);
    expect((await owner.api.get(secretUrl(vault, 'a'))).as<Secret>(200)).toMatchObject({
      value,
      version: 1,
      cmek_encrypted: true,
    });
    const disabled = (await owner.api.delete(cmekUrl(vault))).as<Vault>(200);
    expect(disabled).toEqual(vault);
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'plain' })).as(201);
    expect((await owner.api.get(secretUrl(vault, 'a'))).as<Secret>(200)).toMatchObject({
      value: 'plain',
      cmek_encrypted: false,
    });
    expect((await owner.api.get(`${secretUrl(vault, 'a')}?version=1`)).as<Secret>(200)).toMatchObject({
      value,
      cmek_encrypted: true,
    });
    await trailWith(owner.api, by('cmek.enable', owner.id), by('cmek.disable', owner.id));
  });

  it('is read through policies by agents, who keep the key themselves', async () => {
    const key = new ClientKey();
    const { owner, vault } = await vaultUnder(key);
    (await owner.api.put(secretUrl(vault, 'a'), { value: key.encrypt('x') })).as(201);
    const agent = await newAgent(owner, [{ vault, pattern: '**' }]);
    expect(key.decrypt((await agent.api.get(secretUrl(vault, 'a'))).as<Secret>(200).value)).toBe('x');
    (await agent.api.post(cmekUrl(vault), { fingerprint: key.fingerprint })).refused(403);
    (await agent.api.delete(cmekUrl(vault))).refused(403);
  });

  it.each([{}, { fingerprint: 7 }, { fingerprint: 'a'.repeat(63) }, { fingerprint: `${'a'.repeat(63)}g` }])(
    'is not made with %j',
    async (body) => {
      const { owner, vault } = await newOwnerWithVault();
      (await owner.api.post(cmekUrl(vault), body)).invalid('fingerprint');
    },
  );

  it('asks keys for the area of vaults, and is not found by strangers', async () => {
    const key = new ClientKey();
    const { owner, vault } = await vaultUnder(key);
    const { api_key } = await newApiKey(owner, { scopes: ['vaults:read', 'secrets:write'] });
    const body = { fingerprint: key.fingerprint };
    (await owner.api.as(api_key).post(cmekUrl(vault), body)).refused(403);
    (await owner.api.as(api_key).delete(cmekUrl(vault))).refused(403);
    const stranger = await newOwner();
    (await stranger.api.post(cmekUrl(vault), body)).refused(404);
    (await stranger.api.delete(cmekUrl(vault))).refused(404);
    (await owner.api.post(cmekUrl(vault), { fingerprint: new ClientKey().fingerprint })).refused(409);
  });
});

describe('moving a vault to another key', () => {
  it('re-encrypts every version; the vault shows the new key at once', async () => {
    const [oldKey, newKey] = [new ClientKey(), new ClientKey()];
    const { owner, vault } = await vaultUnder(oldKey);
    for (const text of ['first', 'second'])
      (await owner.api.put(secretUrl(vault, 'a'), { value: oldKey.encrypt(text) })).as(201);
    (await owner.api.put(secretUrl(vault, 'b/c'), { value: oldKey.encrypt('') })).as(201);

    const job = await rotate(owner.api, vault, oldKey, newKey);
    expect(job).toMatchObject({
      vault_id: vault.id,
      old_fingerprint: oldKey.fingerprint,
      new_fingerprint: newKey.fingerprint,
      status: 'running',
      total_secrets: 3,
    });
    expect((await owner.api.get(`/v1/vaults/${vault.id}`)).as<Vault>(200).cmek_fingerprint).toBe(newKey.fingerprint);
    const done = await ended(owner.api, vault, job);
    expect(done).toMatchObject({ id: job.id, status: 'completed', total_secrets: 3, processed: 3 });
    expect(done.error ?? null).toBeNull();
    expect(Date.parse(done.completed_at ?? '')).toBeGreaterThanOrEqual(Date.parse(done.started_at ?? ''));
    for (const [path, text] of [
      ['a', 'second'],
      ['a?version=1', 'first'],
      ['b/c', ''],
    ] as const)
      expect(newKey.decrypt((await owner.api.get(secretUrl(vault, path))).as<Secret>(200).value)).toBe(text);
    expect(await rotate(owner.api, vault, oldKey, newKey)).toMatchObject({ id: job.id, status: 'completed' });
    const trail = await trailWith(owner.api, ({ details }) => details['status'] === 'completed');
    expect(trail.filter(({ action }) => action === 'cmek.rotate').map(({ details }) => details['status'])).toEqual([
      'completed',
      'running',
    ]);
  });

  it('refuses keys that do not fit, by name and without repeating them', async () => {
    const [oldKey, newKey, wrong] = [new ClientKey(), new ClientKey(), new ClientKey()];
    const { owner, vault } = await vaultUnder(oldKey);
    const body = { new_fingerprint: newKey.fingerprint };
    const right = rotationHeaders(oldKey, newKey);
    const short = randomBytes(31).toString('base64');
    const refusals: [Record<string, unknown>, Record<string, string | undefined>, string][] = [
      [body, { 'x-cmek-old-key': wrong.base64 }, 'x-cmek-old-key'],
      [body, { 'x-cmek-new-key': wrong.base64 }, 'x-cmek-new-key'],
      [body, { 'x-cmek-old-key': undefined }, 'x-cmek-old-key'],
      [body, { 'x-cmek-new-key': undefined }, 'x-cmek-new-key'],
      [body, { 'x-cmek-old-key': short }, 'x-cmek-old-key'],
      [body, { 'x-cmek-new-key': `${newKey.base64}AAAA` }, 'x-cmek-new-key'],
      [body, { 'x-cmek-new-key': newKey.bytes.toString('hex') }, 'x-cmek-new-key'],
      [{}, {}, 'new_fingerprint'],
      [{ new_fingerprint: wrong.fingerprint }, {}, 'x-cmek-new-key'],
    ];
    for (const [given, changes, field] of refusals) {
      const headers = Object.fromEntries(
        Object.entries({ ...right, ...changes }).filter(([, value]) => value !== undefined),
      ) as Record<string, string>;
      const answer = await owner.api.post(rotateUrl(vault), given, headers);
      answer.invalid(field);
      for (const key of [oldKey, newKey, wrong]) expect(answer.text).not.toContain(key.base64.slice(0, 20));
    }
    expect((await owner.api.get(`/v1/vaults/${vault.id}`)).as<Vault>(200).cmek_fingerprint).toBe(oldKey.fingerprint);
    (await owner.api.get(`${rotateUrl(vault)}/${vault.id}`)).refused(404);
    (await owner.api.get(`${rotateUrl(vault)}/none`)).invalid('job_id');
  });

  it('is a conflict where the vault has no such key', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const [oldKey, newKey] = [new ClientKey(), new ClientKey()];
    const body = { new_fingerprint: newKey.fingerprint };
    (await owner.api.post(rotateUrl(vault), body, rotationHeaders(oldKey, newKey))).refused(409);
  });
});

describe('on a plan without such keys', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await ownStack({ env: { 'billing-svc': { DEFAULT_TIER: 'pro' } } });
  });
  afterAll(() => stack?.stop());

  it('the plan is what is told first, whatever is sent', async () => {
    const owner = await newOwner(gatewayOf(stack));
    const vault = await newVault(owner);
    const key = new ClientKey();
    const answers = [
      await owner.api.post(cmekUrl(vault), { fingerprint: key.fingerprint }),
      await owner.api.post(cmekUrl(vault), { fingerprint: 'nonsense' }),
      await owner.api.post(cmekUrl(vault)),
      await owner.api.post(rotateUrl(vault)),
      await owner.api.post(rotateUrl(vault), { new_fingerprint: 7 }, rotationHeaders(key, key)),
      await owner.api.delete(cmekUrl(vault)),
    ];
    for (const answer of answers) expect(answer.refused(403).detail).toContain('business or enterprise plan');
    expect((await owner.api.get(`/v1/vaults/${vault.id}`)).as<Vault>(200).cmek_enabled).toBe(false);
    const refusals = (action: string) => (event: Parameters<typeof denied>[0]) => by(action)(event) && denied(event);
    await trailWith(owner.api, refusals('cmek.enable'), refusals('cmek.rotate'), refusals('cmek.disable'));
  });
});
