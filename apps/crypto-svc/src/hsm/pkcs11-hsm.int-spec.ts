import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@oneclaw/testing';
import type { DekToUnwrap, Kek, WrappedDek } from './hsm.port.js';
import { Pkcs11Hsm } from './pkcs11-hsm.js';
import { describeHsmContract } from './testing/hsm.contract.js';
import { SoftToken } from './testing/soft-token.js';

let token: SoftToken;
beforeAll(async () => {
  token = await SoftToken.withKeys();
});
afterAll(() => token.destroy());

async function connected(options: { workers?: number; kekCacheSize?: number } = {}): Promise<Pkcs11Hsm> {
  const { modulePath, label: tokenLabel, pin } = token;
  const limits = { workers: 2, kekCacheSize: 100, callTimeoutMs: 5000, maxQueuedJobs: 10_000 };
  const hsm = new Pkcs11Hsm({ modulePath, tokenLabel, pin, ...limits, ...options });
  await eventually(() => expect(hsm.health()).toEqual({ status: 'ok' }));
  return hsm;
}

describeHsmContract('Pkcs11Hsm on SoftHSM', () => connected());

describe('Pkcs11Hsm on SoftHSM', () => {
  let hsm: Pkcs11Hsm;
  afterEach(() => hsm.close());

  it('gives no wrong result when two workers are loaded in parallel with batches of many KEKs', async () => {
    hsm = await connected({ workers: 2, kekCacheSize: 5 });
    const keks = await hsm.createKeks(12);
    const [key] = await hsm.listPublicKeys('token-signing');
    const deks = Array.from({ length: 600 }, () => randomBytes(32));
    const items = deks.map((dek, index) => ({
      kek: keks[index % 12]!,
      associatedData: Buffer.from(`item ${index}`),
      dek,
    }));

    const wrapped = await hsm.wrapDeks(items);
    const wholes = items.map((item, index): DekToUnwrap => ({ ...item, ...(wrapped[index] as WrappedDek) }));
    const one = (item: DekToUnwrap) => hsm.unwrapDeks([item]).then(([dek]) => dek);
    const [batched, single] = await Promise.all([
      hsm.unwrapDeks(wholes),
      Promise.all(wholes.map(one)),
      hsm.sign('token-signing', key!.keyId, deks), // verified inside
    ]);

    expect(batched).toEqual(deks);
    expect(single).toEqual(deks);
  });

  it('sees a new key generation without a restart, and still signs with the old one', async () => {
    hsm = await connected();
    const [first] = await hsm.listPublicKeys('token-signing');

    expect(token.hsmCli(['rotate-signing-key'])).toEqual({ exitCode: 0, output: 'Made oneclaw-token-signing-2.' });

    await eventually(async () => expect(await hsm.listPublicKeys('token-signing')).toHaveLength(2));
    const [old, current] = await hsm.listPublicKeys('token-signing');
    expect(old).toEqual(first);
    expect(await hsm.sign('token-signing', current!.keyId, [Buffer.from('x')])).toHaveLength(1);
    expect(await hsm.sign('token-signing', old!.keyId, [Buffer.from('x')])).toHaveLength(1);
  });

  it('wraps new KEKs with a new root key and still unwraps those of the old one', async () => {
    hsm = await connected();
    const [oldKek] = await hsm.createKeks(1);

    expect(token.makeRootKey()).toBe(2);

    const [newKek] = await hsm.createKeks(1);
    expect([oldKek!.rootGeneration, newKek!.rootGeneration]).toEqual([1, 2]);
    const item = { associatedData: Buffer.from('x'), dek: randomBytes(32) };
    expect(
      await hsm.wrapDeks([
        { ...item, kek: oldKek! },
        { ...item, kek: newKek! },
      ]),
    ).not.toContain('damaged');
  });

  it('rewraps KEKs by a new root key, and needs the old one no longer', async () => {
    hsm = await connected();
    const keks = await hsm.createKeks(70);
    const deks = keks.map((kek) => ({ kek, associatedData: Buffer.from('x'), dek: randomBytes(32) }));
    const wrapped = (await hsm.wrapDeks(deks)) as WrappedDek[];
    const newest = token.makeRootKey();
    const flipped = { ...keks[1]!, wrapped: Buffer.from(keks[1]!.wrapped).fill(7, 20, 22) };
    const misnamed = { ...keks[2]!, id: keks[3]!.id };

    const rewrapped = await hsm.rewrapKeks([...keks, flipped, misnamed]);

    expect(rewrapped.slice(-2)).toEqual(['damaged', 'damaged']);
    const made = rewrapped.slice(0, -2) as Kek[];
    expect(made.map(({ id, rootGeneration }) => [id, rootGeneration])).toEqual(keks.map(({ id }) => [id, newest]));
    expect(await hsm.rewrapKeks(made)).toEqual(made);
    token.destroyRootKey(keks[0]!.rootGeneration);
    const under = made.map((kek, index) => ({ ...deks[index]!, ...wrapped[index]!, kek }));
    expect(await hsm.unwrapDeks(under)).toEqual(deks.map(({ dek }) => dek));
    expect(await hsm.rewrapKeks(keks.slice(0, 2))).toEqual(['damaged', 'damaged']);
    expect(hsm.health()).toEqual({ status: 'ok' });
  });

  it('refuses calls beyond its queue at once instead of growing', async () => {
    const { modulePath, label: tokenLabel, pin } = token;
    hsm = new Pkcs11Hsm({
      modulePath,
      tokenLabel,
      pin,
      workers: 1,
      kekCacheSize: 1,
      callTimeoutMs: 5000,
      maxQueuedJobs: 3,
    });
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => hsm.mac([Buffer.from('x')])));
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(results[4]).toMatchObject({ reason: { kind: 'unavailable', detail: 'Too many calls wait for the HSM.' } });
  });

  it('answers calls made before it is connected', async () => {
    const { modulePath, label: tokenLabel, pin } = token;
    hsm = new Pkcs11Hsm({
      modulePath,
      tokenLabel,
      pin,
      workers: 1,
      kekCacheSize: 1,
      callTimeoutMs: 5000,
      maxQueuedJobs: 10,
    });
    expect(hsm.health()).toEqual({ status: 'unavailable', reason: 'The HSM is not connected yet.' });
    expect(await hsm.mac([Buffer.from('x')])).toHaveLength(1);
  });
});
