import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ed25519KeyId, ed25519PublicKey, verifyEd25519 } from '../ed25519.js';
import { KeyMissing } from '../hsm.errors.js';
import type { DekToUnwrap, Hsm, Kek, WrappedDek } from '../hsm.port.js';

/** What every adapter of the port promises. `makeHsm` answers one that holds one generation of each key. */
export function describeHsmContract(name: string, makeHsm: () => Promise<Hsm>): void {
  describe(`${name}, as an Hsm`, () => {
    let hsm: Hsm;
    let kek: Kek;
    const associatedData = Buffer.from('associated data');

    beforeAll(async () => {
      hsm = await makeHsm();
      kek = (await hsm.createKeks(1))[0]!;
    });
    afterAll(() => hsm.close());

    async function wrapped(dek: Buffer, under = kek): Promise<DekToUnwrap> {
      const [result] = await hsm.wrapDeks([{ kek: under, associatedData, dek }]);
      return { kek: under, associatedData, ...(result as WrappedDek) };
    }

    it('unwraps what it wrapped, in the order of the items', async () => {
      const deks = Array.from({ length: 100 }, () => randomBytes(32));
      const results = await hsm.wrapDeks(deks.map((dek) => ({ kek, associatedData, dek })));
      const items = results.map((result) => ({ kek, associatedData, ...(result as WrappedDek) }));
      expect(await hsm.unwrapDeks(items)).toEqual(deks);
    });

    it('proves DEKs that it unwraps, and calls those damaged that do not authenticate', async () => {
      const [first, second] = [randomBytes(32), randomBytes(32)];
      const items = [await wrapped(first), await wrapped(second), await wrapped(first)];
      items[1] = { ...items[1]!, ciphertext: flipped(items[1]!.ciphertext) };
      expect(await hsm.unwrapProvenDeks(items)).toEqual([first, 'damaged', first]);
    });

    it('answers an empty batch with an empty one', async () => {
      expect(await hsm.unwrapDeks([])).toEqual([]);
      expect(await hsm.mac([])).toEqual([]);
      expect(await hsm.createKeks(0)).toEqual([]);
    });

    it('never uses an IV twice', async () => {
      const dek = randomBytes(32);
      const results = await hsm.wrapDeks(Array.from({ length: 50 }, () => ({ kek, associatedData, dek })));
      expect(new Set(results.map((result) => (result as WrappedDek).iv.toString('hex'))).size).toBe(50);
    });

    it('calls a DEK damaged under other associated data, and answers its neighbours', async () => {
      const [first, second] = [randomBytes(32), randomBytes(32)];
      const items = [{ ...(await wrapped(first)), associatedData: Buffer.from('other') }, await wrapped(second)];
      expect(await hsm.unwrapDeks(items)).toEqual(['damaged', second]);
    });

    it.each(['iv', 'ciphertext'] as const)('calls a DEK damaged when its %s was changed', async (field) => {
      const item = await wrapped(randomBytes(32));
      expect(await hsm.unwrapDeks([{ ...item, [field]: flipped(item[field]) }])).toEqual(['damaged']);
    });

    it('calls a DEK damaged under another KEK', async () => {
      const [other] = await hsm.createKeks(1);
      expect(await hsm.unwrapDeks([{ ...(await wrapped(randomBytes(32))), kek: other! }])).toEqual(['damaged']);
    });

    it.each(['id', 'wrapped', 'binding'] as const)('does not use a KEK whose %s was changed', async (field) => {
      const damaged = { ...kek, [field]: flipped(kek[field]) };
      const item = await wrapped(randomBytes(32));
      expect(await hsm.wrapDeks([{ kek: damaged, associatedData, dek: randomBytes(32) }])).toEqual(['damaged']);
      expect(await hsm.unwrapDeks([{ ...item, kek: damaged }])).toEqual(['damaged']);
    });

    it('does not use a KEK that claims an unknown root key', async () => {
      const damaged = { ...kek, rootGeneration: 9 };
      expect(await hsm.wrapDeks([{ kek: damaged, associatedData, dek: randomBytes(32) }])).toEqual(['damaged']);
    });

    it('leaves a KEK as it is that the newest root key wraps already', async () => {
      expect(await hsm.rewrapKeks([kek])).toEqual([kek]);
      expect(await hsm.rewrapKeks([])).toEqual([]);
    });

    it('signs each message with the key that was asked for', async () => {
      const [key] = await hsm.listPublicKeys('token-signing');
      const messages = [Buffer.from('one'), Buffer.from('two'), Buffer.alloc(10_000, 3)];
      const signatures = await hsm.sign('token-signing', key!.keyId, messages);
      const publicKey = ed25519PublicKey(key!.publicKey);
      expect(messages.map((message, index) => verifyEd25519(publicKey, message, signatures[index]!))).toEqual([
        true,
        true,
        true,
      ]);
    });

    it('does not sign for one use with the key of another', async () => {
      const [checkpointKey] = await hsm.listPublicKeys('checkpoint');
      const signing = hsm.sign('token-signing', checkpointKey!.keyId, [Buffer.from('x')]);
      await expect(signing).rejects.toBeInstanceOf(KeyMissing);
    });

    it('lists public keys by their RFC 7638 thumbprint', async () => {
      const [key] = await hsm.listPublicKeys('token-signing');
      const x = key!.publicKey.toString('base64url');
      const thumbprint = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
      expect(key).toMatchObject({ keyId: thumbprint, generation: 1 });
      expect(ed25519KeyId(key!.publicKey)).toBe(thumbprint);
    });

    it('makes one MAC per message: the same for the same, another for another', async () => {
      const [one, again, other, empty] = await hsm.mac([...['a', 'a', 'b', ''].map((text) => Buffer.from(text))]);
      expect(one).toHaveLength(32);
      expect(again).toEqual(one);
      expect(other).not.toEqual(one);
      expect(empty).toHaveLength(32);
    });

    it('is healthy', () => {
      expect(hsm.health()).toEqual({ status: 'ok' });
    });
  });
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1]! ^= 1;
  return copy;
}
