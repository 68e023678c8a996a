import { Inject, Injectable } from '@nestjs/common';
import { internal, invalid } from '@oneclaw/errors';
import { HsmFailing } from '../hsm/hsm.errors.js';
import { HSM, type DekToUnwrap, type Hsm, type Kek, type OrDamaged } from '../hsm/hsm.port.js';
import { DamageAlarm } from './damage-alarm.js';
import { encodeSealedValue, encodeWrappedDek, parseSealedValue, parseWrappedDek } from './envelope.format.js';
import { dekAssociatedData, valueAssociatedData } from './purposes.js';
import { decryptValue, encryptValue, newDek } from './value-cipher.js';

export interface Envelope {
  wrappedDek: Buffer;
  sealedValue: Buffer;
}

export interface ValueToSeal {
  kek: OrDamaged<Kek>;
  /** 32 bytes. */
  associatedData: Buffer;
  plaintext: Buffer;
}

export interface EnvelopeToOpen extends Envelope {
  kek: OrDamaged<Kek>;
  associatedData: Buffer;
}

export interface DekToRewrap {
  associatedData: Buffer;
  wrappedDek: Buffer;
}

type Unwrapping = 'unwrapDeks' | 'unwrapProvenDeks';

/** Rewrapped at once. */
const MAX_KEKS = 500;

/** Seals and opens whole envelopes; neither a DEK nor a KEK leaves this process. */
@Injectable()
export class EnvelopeService {
  constructor(
    @Inject(HSM) private readonly hsm: Hsm,
    private readonly alarm: DamageAlarm,
  ) {}

  createKeks(count: number): Promise<Kek[]> {
    if (count < 1 || count > 100) throw invalid('1 to 100 KEKs can be made at once.', { count: 'must be 1 to 100' });
    return this.hsm.createKeks(count);
  }

  /**
   * Each plaintext under a DEK of its own. Answers only what it has opened again, through the HSM, and compared. An item whose KEK
   * is damaged fails alone.
   */
  async seal(items: readonly ValueToSeal[]): Promise<OrDamaged<Envelope>[]> {
    const deks = items.map(newDek);
    try {
      const wrappedDeks = await this.wrap(items.map((item, index) => ({ ...item, dek: deks[index]! })));
      this.alarm.report('seal', wrappedDeks);
      const envelopes = items.map((item, index): OrDamaged<Envelope> => {
        const wrappedDek = wrappedDeks[index]!;
        if (wrappedDek === 'damaged') return 'damaged';
        const value = encryptValue(deks[index]!, valueAssociatedData(item.associatedData), item.plaintext);
        return { wrappedDek, sealedValue: encodeSealedValue(value) };
      });
      await this.requireOpens(items, envelopes);
      return envelopes;
    } finally {
      deks.forEach((dek) => dek.fill(0));
    }
  }

  /** As `seal`, all or none. */
  async sealAll(items: readonly ValueToSeal[]): Promise<Envelope[]> {
    return (await this.seal(items)).map((envelope) => usable(envelope));
  }

  /** Plaintexts, in the order of the items; the caller wipes them. */
  async open(items: readonly EnvelopeToOpen[]): Promise<OrDamaged<Buffer>[]> {
    const plaintexts = await this.decrypt(items);
    this.alarm.report('open', plaintexts);
    return plaintexts;
  }

  /**
   * The same DEKs under another KEK, unwrapped again and compared before they are answered. No value is opened here that would show a DEK
   * to be wrong, and a wrong one would be the end of the value: they are proven.
   */
  async rewrapDeks(from: OrDamaged<Kek>, to: Kek, items: readonly DekToRewrap[]): Promise<OrDamaged<Buffer>[]> {
    const deks = await this.unwrap(
      items.map((item) => ({ ...item, kek: from })),
      'unwrapProvenDeks',
    );
    this.alarm.report('rewrap', deks);
    try {
      const intact = items.flatMap(({ associatedData }, index) => {
        const dek = deks[index]!;
        return dek === 'damaged' ? [] : [{ kek: to, associatedData, dek }];
      });
      const rewrapped = (await this.wrap(intact)).map((wrappedDek) => usable(wrappedDek));
      await this.requireUnwraps(intact, rewrapped);
      return deks.map((dek) => (dek === 'damaged' ? 'damaged' : rewrapped.shift()!));
    } finally {
      wipe(deks);
    }
  }

  /** The same KEKs by the newest root key. */
  async rewrapKeks(keks: readonly OrDamaged<Kek>[]): Promise<OrDamaged<Kek>[]> {
    if (keks.length > MAX_KEKS) throw invalid(`${MAX_KEKS} KEKs at most.`, { keks: `must have at most ${MAX_KEKS}` });
    const rewrapped = await this.hsm.rewrapKeks(keks.filter((kek) => kek !== 'damaged'));
    const results = keks.map((kek) => (kek === 'damaged' ? kek : rewrapped.shift()!));
    this.alarm.report('rewrap', results);
    return results;
  }

  /**
   * An HSM that unwraps a DEK wrongly makes a value look damaged that is not. So whatever does not open is tried once more with a proven DEK:
   * what does not open with that either is damaged, whatever the HSM does before and after.
   */
  private async decrypt(items: readonly EnvelopeToOpen[]): Promise<OrDamaged<Buffer>[]> {
    const plaintexts = await this.decryptWith('unwrapDeks', items);
    const doubted = items.filter((_item, index) => plaintexts[index] === 'damaged');
    if (doubted.length === 0) return plaintexts;
    try {
      const again = await this.decryptWith('unwrapProvenDeks', doubted);
      return plaintexts.map((plaintext) => (plaintext === 'damaged' ? again.shift()! : plaintext));
    } catch (error) {
      wipe(plaintexts);
      throw error;
    }
  }

  private async decryptWith(unwrapping: Unwrapping, items: readonly EnvelopeToOpen[]): Promise<OrDamaged<Buffer>[]> {
    const values = items.map((item) => parseSealedValue(item.sealedValue));
    const deks = await this.unwrap(items, unwrapping);
    try {
      return items.map((item, index): OrDamaged<Buffer> => {
        const [dek, value] = [deks[index]!, values[index]];
        if (dek === 'damaged' || value === undefined) return 'damaged';
        return decryptValue(dek, valueAssociatedData(item.associatedData), value);
      });
    } finally {
      wipe(deks);
    }
  }

  private async wrap(
    items: readonly { kek: OrDamaged<Kek>; associatedData: Buffer; dek: Buffer }[],
  ): Promise<OrDamaged<Buffer>[]> {
    items.forEach(({ associatedData }) => requireAssociatedData(associatedData));
    const wrapped = await this.hsm.wrapDeks(
      items.flatMap(({ kek, associatedData, dek }) =>
        kek === 'damaged' ? [] : [{ kek, associatedData: dekAssociatedData(kek.id, associatedData), dek }],
      ),
    );
    return items.map(({ kek }) => {
      const result = kek === 'damaged' ? kek : wrapped.shift()!;
      return kek === 'damaged' || result === 'damaged' ? 'damaged' : encodeWrappedDek(kek.id, result);
    });
  }

  /** DEKs, in the order of the items; `damaged` also where the envelope names another KEK. */
  private async unwrap(
    items: readonly (DekToRewrap & { kek: OrDamaged<Kek> })[],
    unwrapping: Unwrapping = 'unwrapDeks',
  ): Promise<OrDamaged<Buffer>[]> {
    items.forEach(({ associatedData }) => requireAssociatedData(associatedData));
    const readable = items.map((item) => readableDek(item));
    const unwrapped = await this.hsm[unwrapping](readable.filter((item) => item !== undefined));
    return readable.map((item) => (item === undefined ? 'damaged' : unwrapped.shift()!));
  }

  private async requireOpens(items: readonly ValueToSeal[], envelopes: readonly OrDamaged<Envelope>[]): Promise<void> {
    const sealed = items.flatMap((item, index) => {
      const envelope = envelopes[index]!;
      return envelope === 'damaged' ? [] : [{ ...item, ...envelope }];
    });
    const opened = await this.decrypt(sealed);
    const same = opened.every(
      (plaintext, index) => plaintext !== 'damaged' && plaintext.equals(sealed[index]!.plaintext),
    );
    wipe(opened);
    if (!same) throw new HsmFailing('What was sealed does not open to what was given.');
  }

  private async requireUnwraps(
    items: readonly { kek: Kek; associatedData: Buffer; dek: Buffer }[],
    wrappedDeks: readonly Buffer[],
  ): Promise<void> {
    const deks = await this.unwrap(items.map((item, index) => ({ ...item, wrappedDek: wrappedDeks[index]! })));
    const same = deks.every((dek, index) => dek !== 'damaged' && dek.equals(items[index]!.dek));
    wipe(deks);
    if (!same) throw new HsmFailing('What was rewrapped does not unwrap to what was given.');
  }
}

function readableDek({
  kek,
  associatedData,
  wrappedDek,
}: DekToRewrap & { kek: OrDamaged<Kek> }): DekToUnwrap | undefined {
  const parsed = parseWrappedDek(wrappedDek);
  if (parsed === undefined || kek === 'damaged' || !parsed.kekId.equals(kek.id)) return undefined;
  const { iv, ciphertext } = parsed;
  return { kek, associatedData: dekAssociatedData(kek.id, associatedData), iv, ciphertext };
}

function usable<T extends object>(sealed: OrDamaged<T>): T {
  if (sealed === 'damaged') throw internal('a KEK is damaged: nothing is sealed under it');
  return sealed;
}

function requireAssociatedData(associatedData: Buffer): void {
  if (associatedData.length === 32) return;
  throw invalid('The associated data must have 32 bytes.', { associated_data: 'must have 32 bytes' });
}

function wipe(buffers: readonly OrDamaged<Buffer>[]): void {
  for (const buffer of buffers) if (buffer !== 'damaged') buffer.fill(0);
}
