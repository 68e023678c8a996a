import type { WrappedKek } from '@oneclaw/contracts/crypto';
import { internal, invalid } from '@oneclaw/errors';
import type { Kek, OrDamaged } from '../hsm/hsm.port.js';
import { encodeWrappedKek, kekIdText, parseWrappedKek } from './envelope.format.js';

export function toProtoKek(kek: Kek): WrappedKek {
  return { kekId: kekIdText(kek.id), wrapped: encodeWrappedKek(kek), rootGeneration: kek.rootGeneration };
}

/** Damaged unless its bytes are of the format and name the same id as the column beside them. */
export function toKek(wrappedKek: Pick<WrappedKek, 'kekId' | 'wrapped'> | undefined): OrDamaged<Kek> {
  if (wrappedKek === undefined) throw invalid('A KEK is missing.', { kek: 'is missing' });
  const kek = parseWrappedKek(wrappedKek.wrapped);
  return kek !== undefined && kekIdText(kek.id) === wrappedKek.kekId ? kek : 'damaged';
}

/** A KEK that something is to be sealed under: no item can be answered without it. */
export function toUsableKek(wrappedKek: WrappedKek | undefined): Kek {
  const kek = toKek(wrappedKek);
  if (kek === 'damaged') throw internal('a KEK is damaged: nothing is sealed under it');
  return kek;
}

export function kekAt<T>(keks: readonly T[], index: number): T {
  const kek = keks[index];
  if (kek === undefined) throw invalid(`There is no KEK with index ${index}.`, { kek_index: 'points outside of keks' });
  return kek;
}
