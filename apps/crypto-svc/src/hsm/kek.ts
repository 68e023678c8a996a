import { associatedData } from './associated-data.js';
import type { Kek } from './hsm.port.js';

export const KEK_ID_BYTES = 16;
export const GCM_IV_BYTES = 12;
export const GCM_TAG_BYTES = 16;
export const DEK_BYTES = 32;
export const KWP_BYTES = 40;
export const BINDING_BYTES = GCM_IV_BYTES + KEK_ID_BYTES + GCM_TAG_BYTES;
export const KEK_BYTES = KEK_ID_BYTES + 4 + KWP_BYTES + BINDING_BYTES;

/** id(16) | root generation(4, big endian) | AES-KWP(40) | binding(44). docs/envelope-format.md, "Wrapped KEK". */
export function encodeKek(kek: Kek): Buffer {
  const generation = Buffer.alloc(4);
  generation.writeUInt32BE(kek.rootGeneration);
  return Buffer.concat([kek.id, generation, kek.wrapped, kek.binding]);
}

export function decodeKek(bytes: Buffer): Kek {
  if (bytes.length !== KEK_BYTES) throw new RangeError(`a KEK has ${KEK_BYTES} bytes, not ${bytes.length}`);
  const wrappedAt = KEK_ID_BYTES + 4;
  return {
    id: bytes.subarray(0, KEK_ID_BYTES),
    rootGeneration: bytes.readUInt32BE(KEK_ID_BYTES),
    wrapped: bytes.subarray(wrappedAt, wrappedAt + KWP_BYTES),
    binding: bytes.subarray(wrappedAt + KWP_BYTES),
  };
}

/** Under which the KEK encrypts its own id. No DEK is ever wrapped with this associated data. */
export function bindingAssociatedData(kek: Pick<Kek, 'id' | 'rootGeneration'>): Buffer {
  const generation = Buffer.alloc(4);
  generation.writeUInt32BE(kek.rootGeneration);
  return associatedData('oneclaw/kek/v1', kek.id, generation);
}
