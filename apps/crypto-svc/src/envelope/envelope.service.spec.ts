import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { DekToUnwrap, DekToWrap, Kek, OrDamaged, WrappedDek } from '../hsm/hsm.port.js';
import { HsmFailing } from '../hsm/hsm.errors.js';
import { SoftwareHsm } from '../hsm/testing/software-hsm.js';
import { EnvelopeService, type Envelope } from './envelope.service.js';
import { RecordedAlarm } from './testing/recorded-alarm.js';

/** Remembers the buffers that it was handed and gave out, to see whether they were wiped. */
class WatchedHsm extends SoftwareHsm {
  readonly deks: Uint8Array[] = [];
  /** Unwraps to DEKs that are not those that were wrapped. */
  wrong: 'always' | 'at-first' | undefined;
  corrupt: (wrapped: WrappedDek) => WrappedDek = (wrapped) => wrapped;

  override async wrapDeks(items: readonly DekToWrap[]): Promise<OrDamaged<WrappedDek>[]> {
    this.deks.push(...items.map(({ dek }) => dek));
    const results = await super.wrapDeks(items);
    return results.map((result) => (result === 'damaged' ? result : this.corrupt(result)));
  }

  override async unwrapDeks(items: readonly DekToUnwrap[]): Promise<OrDamaged<Buffer>[]> {
    const results = await super.unwrapDeks(items);
    for (const result of results) if (result !== 'damaged') this.deks.push(result);
    if (this.wrong) for (const result of results) if (result !== 'damaged') result[0]! ^= 1;
    return results;
  }

  override async unwrapProvenDeks(items: readonly DekToUnwrap[]): Promise<OrDamaged<Buffer>[]> {
    if (this.wrong === 'always') throw new HsmFailing('the test made it wrong');
    const results = await super.unwrapProvenDeks(items);
    for (const result of results) if (result !== 'damaged') this.deks.push(result);
    return results;
  }
}

const caller = randomBytes(32);
let hsm: WatchedHsm;
let alarm: RecordedAlarm;
let envelopes: EnvelopeService;
let kek: Kek;

beforeEach(async () => {
  hsm = new WatchedHsm();
  alarm = new RecordedAlarm();
  envelopes = new EnvelopeService(hsm, alarm);
  [kek] = (await hsm.createKeks(1)) as [Kek];
});

const value = (text: string, associatedData = caller) => ({ kek, associatedData, plaintext: Buffer.from(text) });

describe('sealing', () => {
  it('gives each value a DEK and bytes of its own', async () => {
    const [one, two] = await envelopes.sealAll([value('same'), value('same')]);
    expect(one!.sealedValue).not.toEqual(two!.sealedValue);
    expect(one!.wrappedDek).not.toEqual(two!.wrappedDek);
    expect(await envelopes.open([{ ...value(''), ...one! }])).toEqual([Buffer.from('same')]);
  });

  it('has the lengths of the format', async () => {
    const [envelope] = await envelopes.sealAll([value('12345')]);
    expect(envelope!.wrappedDek).toHaveLength(77);
    expect(envelope!.sealedValue).toHaveLength(1 + 12 + 5 + 16);
  });

  it('answers nothing that does not open again', async () => {
    hsm.corrupt = ({ iv, ciphertext }) => ({
      iv,
      ciphertext: Buffer.concat([ciphertext.subarray(1), Buffer.alloc(1)]),
    });
    await expect(envelopes.seal([value('x')])).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('wipes every DEK', async () => {
    await envelopes.seal([value('x'), value('y')]);
    expect(hsm.deks).toHaveLength(4); // two made, two unwrapped again
    for (const dek of hsm.deks) expect(dek).toEqual(Buffer.alloc(32));
  });

  it('wipes the DEKs when the HSM fails', async () => {
    hsm.corrupt = () => {
      hsm.broken = true;
      throw new Error('gone');
    };
    await expect(envelopes.seal([value('x')])).rejects.toThrow('gone');
    expect(hsm.deks).toEqual([Buffer.alloc(32)]);
  });

  it('under a damaged KEK fails alone and raises the alarm', async () => {
    const misnamed = { ...kek, id: randomBytes(16) };
    const [one, ...others] = await envelopes.seal([
      value('one'),
      { ...value('x'), kek: misnamed },
      { ...value('y'), kek: 'damaged' },
      value('two'),
    ]);
    expect(others.slice(0, 2)).toEqual(['damaged', 'damaged']);
    expect(alarm.reported).toEqual([{ operation: 'seal', count: 2 }]);
    const opened = await envelopes.open(
      [one, others[2]].map((envelope) => ({ ...value(''), ...(envelope as Envelope) })),
    );
    expect(opened).toEqual([Buffer.from('one'), Buffer.from('two')]);
  });

  it('all or none fails as a whole for one damaged KEK', async () => {
    const items = [value('x'), { ...value('y'), kek: 'damaged' as const }];
    await expect(envelopes.sealAll(items)).rejects.toMatchObject({ code: 'internal' });
  });

  it('takes associated data of 32 bytes only', async () => {
    const refused = { code: 'invalid_argument', fields: { associated_data: 'must have 32 bytes' } };
    await expect(envelopes.seal([value('x', randomBytes(31))])).rejects.toMatchObject(refused);
    await expect(
      envelopes.open([{ ...value('', randomBytes(33)), wrappedDek: caller, sealedValue: caller }]),
    ).rejects.toMatchObject(refused);
  });
});

describe('opening', () => {
  it('calls one item damaged, opens the others and raises the alarm', async () => {
    const [one, two] = await envelopes.sealAll([value('one'), value('two')]);
    const results = await envelopes.open([
      { ...value(''), ...one! },
      { ...value('', randomBytes(32)), ...one! },
      { ...value(''), ...two! },
    ]);
    expect(results).toEqual([Buffer.from('one'), 'damaged', Buffer.from('two')]);
    expect(alarm.reported).toEqual([{ operation: 'open', count: 1 }]);
  });

  it('wipes the DEKs, of damaged values too', async () => {
    const [envelope] = await envelopes.sealAll([value('x')]);
    hsm.deks.length = 0;
    await envelopes.open([{ ...value(''), ...envelope!, sealedValue: Buffer.alloc(40, 1) }]);
    expect(hsm.deks).toEqual([Buffer.alloc(32), Buffer.alloc(32)]); // the second one proven
  });

  it('calls nothing damaged of an HSM that unwraps wrongly: it is the HSM that fails', async () => {
    const [envelope] = await envelopes.sealAll([value('x')]);
    hsm.wrong = 'always';
    await expect(envelopes.open([{ ...value(''), ...envelope! }])).rejects.toMatchObject({ code: 'unavailable' });
    expect(alarm.reported).toEqual([]);
    for (const dek of hsm.deks) expect(dek).toEqual(Buffer.alloc(32));
  });

  it('answers the value where the HSM unwraps rightly when it is asked again', async () => {
    const [one, two] = await envelopes.sealAll([value('one'), value('two')]);
    hsm.wrong = 'at-first';
    const results = await envelopes.open([
      { ...value(''), ...one! },
      { ...value('', randomBytes(32)), ...one! },
      { ...value(''), ...two! },
    ]);
    expect(results).toEqual([Buffer.from('one'), 'damaged', Buffer.from('two')]);
    expect(alarm.reported).toEqual([{ operation: 'open', count: 1 }]);
  });

  it('fails as a whole when the HSM fails', async () => {
    const [envelope] = await envelopes.sealAll([value('x')]);
    hsm.broken = true;
    await expect(envelopes.open([{ ...value(''), ...envelope! }])).rejects.toMatchObject({
      code: 'unavailable',
      kind: 'unavailable',
    });
    expect(alarm.reported).toEqual([]);
  });
});

describe('rewrapping', () => {
  it('moves DEKs to another KEK; the sealed values stay as they are', async () => {
    const [other] = (await hsm.createKeks(1)) as [Kek];
    const [one, two] = await envelopes.sealAll([value('one'), value('two')]);
    const damaged = Buffer.from(one!.wrappedDek);
    damaged[40]! ^= 1;
    const items = [one!.wrappedDek, damaged, two!.wrappedDek].map((wrappedDek) => ({
      associatedData: caller,
      wrappedDek,
    }));

    const [first, second, third] = await envelopes.rewrapDeks(kek, other, items);

    expect(second).toBe('damaged');
    const opened = await envelopes.open([
      { kek: other, associatedData: caller, wrappedDek: first as Buffer, sealedValue: one!.sealedValue },
      { kek: other, associatedData: caller, wrappedDek: third as Buffer, sealedValue: two!.sealedValue },
      { kek, associatedData: caller, wrappedDek: first as Buffer, sealedValue: one!.sealedValue },
    ]);
    expect(opened).toEqual([Buffer.from('one'), Buffer.from('two'), 'damaged']);
    for (const dek of hsm.deks) expect(dek).toEqual(Buffer.alloc(32));
  });

  it('answers nothing that does not unwrap again', async () => {
    const [other] = (await hsm.createKeks(1)) as [Kek];
    const [envelope] = await envelopes.sealAll([value('x')]);
    hsm.corrupt = ({ iv, ciphertext }) => ({ iv, ciphertext: Buffer.from(ciphertext).fill(0, 0, 1) });
    const rewrapping = envelopes.rewrapDeks(kek, other, [{ associatedData: caller, wrappedDek: envelope!.wrappedDek }]);
    await expect(rewrapping).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('moves no DEK that the HSM has unwrapped wrongly', async () => {
    const [other] = (await hsm.createKeks(1)) as [Kek];
    const [envelope] = await envelopes.sealAll([value('x')]);
    const items = [{ associatedData: caller, wrappedDek: envelope!.wrappedDek }];
    hsm.wrong = 'always';
    await expect(envelopes.rewrapDeks(kek, other, items)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('from a damaged KEK answers that every DEK is damaged', async () => {
    const [envelope] = await envelopes.sealAll([value('x')]);
    const results = await envelopes.rewrapDeks('damaged', kek, [
      { associatedData: caller, wrappedDek: envelope!.wrappedDek },
    ]);
    expect(results).toEqual(['damaged']);
  });
});

describe('rewrapping KEKs', () => {
  it('answers them by the newest root key, and raises the alarm for what is damaged', async () => {
    const [other] = (await hsm.createKeks(1)) as [Kek];
    hsm.rotateRootKey();
    const results = await envelopes.rewrapKeks([kek, 'damaged', { ...other, binding: randomBytes(44) }, other]);
    expect(results).toEqual([
      expect.objectContaining({ id: kek.id, rootGeneration: 2 }),
      'damaged',
      'damaged',
      expect.objectContaining({ id: other.id, rootGeneration: 2 }),
    ]);
    expect(alarm.reported).toEqual([{ operation: 'rewrap', count: 2 }]);
  });

  it('opens what was sealed before', async () => {
    const [envelope] = await envelopes.sealAll([value('x')]);
    hsm.rotateRootKey();
    const [rewrapped] = (await envelopes.rewrapKeks([kek])) as [Kek];
    expect(await envelopes.open([{ ...value(''), ...envelope!, kek: rewrapped }])).toEqual([Buffer.from('x')]);
  });

  it('takes 500 at most', async () => {
    const many = Array.from({ length: 501 }, () => kek);
    await expect(envelopes.rewrapKeks(many)).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('making KEKs', () => {
  it.each([0, 101])('refuses to make %d at once', (count) => {
    expect(() => envelopes.createKeks(count)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });
});
