import { createHash, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { EnvelopeService, type Envelope } from '../envelope/envelope.service.js';
import { RecordedAlarm } from '../envelope/testing/recorded-alarm.js';
import type { Kek } from '../hsm/hsm.port.js';
import { SoftwareHsm } from '../hsm/testing/software-hsm.js';
import { decryptClientValue, encryptClientValue } from './client-value.js';
import { CmekService } from './cmek.service.js';

let envelopes: EnvelopeService;
let cmek: CmekService;
let kek: Kek;
let other: Kek;
const [oldKey, newKey, thirdKey] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const [ofKeys, before, after] = [randomBytes(32), randomBytes(32), randomBytes(32)];

beforeEach(async () => {
  const hsm = new SoftwareHsm();
  envelopes = new EnvelopeService(hsm, new RecordedAlarm());
  cmek = new CmekService(envelopes);
  [kek, other] = (await hsm.createKeks(2)) as [Kek, Kek];
});

const sealKeys = () => cmek.sealKeys(kek, ofKeys, Buffer.from(oldKey), Buffer.from(newKey));
const keysOf = (keys: Envelope) => ({ kek, associatedData: ofKeys, ...keys });

async function sealed(plaintext: Buffer) {
  const [envelope] = await envelopes.sealAll([{ kek, associatedData: before, plaintext }]);
  return { kek, associatedData: before, newAssociatedData: after, ...envelope! };
}

const openAfter = async (envelope: Envelope, under = other) =>
  (await envelopes.open([{ kek: under, associatedData: after, ...envelope }]))[0];

describe('sealing the keys of a rotation', () => {
  it('answers their fingerprints, and an envelope that opens for the same associated data only', async () => {
    const { oldFingerprint, newFingerprint, keys } = await sealKeys();
    const sha256 = (key: Buffer) => createHash('sha256').update(key).digest('hex');
    expect([oldFingerprint, newFingerprint]).toEqual([sha256(oldKey), sha256(newKey)]);
    const elsewhere = { ...keysOf(keys), associatedData: randomBytes(32) };
    await expect(cmek.reencrypt(elsewhere, kek, [await sealed(Buffer.from('x'))])).rejects.toMatchObject({
      code: 'internal',
    });
  });

  it.each([31, 33, 0])('refuses a key of %d bytes', async (length) => {
    await expect(cmek.sealKeys(kek, ofKeys, randomBytes(length), newKey)).rejects.toMatchObject({
      code: 'invalid_argument',
      fields: { old_key: 'must have 32 bytes' },
    });
  });
});

describe('re-encrypting', () => {
  it('moves what is under the old key, seals it under another KEK, and leaves what is under the new key as it is', async () => {
    const { keys } = await sealKeys();
    const already = encryptClientValue(newKey, Buffer.from('is already'));
    const items = [
      await sealed(encryptClientValue(oldKey, Buffer.from('was old'))),
      await sealed(Buffer.from(already)),
      await sealed(encryptClientValue(oldKey, Buffer.alloc(0))),
    ];

    const results = (await cmek.reencrypt(keysOf(keys), other, items)) as Envelope[];

    const texts = await Promise.all(results.map((each) => openAfter(each)));
    expect(decryptClientValue(newKey, texts[0] as Buffer)).toEqual(Buffer.from('was old'));
    expect(texts[1]).toEqual(already);
    expect(decryptClientValue(newKey, texts[2] as Buffer)).toEqual(Buffer.alloc(0));
    expect(await openAfter(results[0]!, kek)).toBe('damaged');
  });

  it('says what neither key opens and what is damaged, and moves the rest', async () => {
    const { keys } = await sealKeys();
    const good = await sealed(encryptClientValue(oldKey, Buffer.from('good')));
    const results = await cmek.reencrypt(keysOf(keys), other, [
      await sealed(encryptClientValue(thirdKey, Buffer.from('x'))),
      { ...good, associatedData: randomBytes(32) },
      await sealed(Buffer.from('never encrypted')),
      good,
    ]);
    expect(results.slice(0, 3)).toEqual(['unreadable', 'damaged', 'unreadable']);
    expect(decryptClientValue(newKey, (await openAfter(results[3] as Envelope)) as Buffer)).toEqual(
      Buffer.from('good'),
    );
  });

  it('twice is as good as once', async () => {
    const { keys } = await sealKeys();
    const item = await sealed(encryptClientValue(oldKey, Buffer.from('x')));
    const [once] = (await cmek.reencrypt(keysOf(keys), kek, [item])) as [Envelope];
    const again = { kek, associatedData: after, newAssociatedData: after, ...once };
    const [twice] = (await cmek.reencrypt(keysOf(keys), kek, [again])) as [Envelope];
    expect(decryptClientValue(newKey, (await openAfter(twice, kek)) as Buffer)).toEqual(Buffer.from('x'));
  });

  it.each([0, 101])('refuses %d values at once', async (count) => {
    const { keys } = await sealKeys();
    const item = await sealed(Buffer.from('x'));
    const many = Array.from({ length: count }, () => item);
    await expect(cmek.reencrypt(keysOf(keys), kek, many)).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
