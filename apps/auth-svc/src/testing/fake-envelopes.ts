import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import {
  type CreateKeksRequest,
  EnvelopeServiceDefinition,
  type OpenRequest,
  type RewrapKeksRequest,
  OpenResult_Status,
  type SealRequest,
  SealResult_Status,
} from '@oneclaw/contracts/crypto';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';

/** Seals with the KEK itself, which its "wrapped" form holds in the clear, and needs no DEK. */
@RpcController(EnvelopeServiceDefinition)
export class FakeEnvelopesGrpc implements RpcHandlers<typeof EnvelopeServiceDefinition> {
  static rootGeneration = 1;

  async createKeks({ count }: CreateKeksRequest) {
    const { rootGeneration } = FakeEnvelopesGrpc;
    const keks = Array.from({ length: count }, () => ({
      kekId: randomUUID(),
      wrapped: randomBytes(32),
      rootGeneration,
    }));
    return { keks };
  }

  async rewrapKeks({ keks }: RewrapKeksRequest) {
    return { keks: keks.map((kek) => ({ ...kek, rootGeneration: FakeEnvelopesGrpc.rootGeneration })) };
  }

  async seal({ keks, items }: SealRequest) {
    const results = items.map(({ kekIndex, associatedData, plaintext }) => {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keks[kekIndex]!.wrapped, iv).setAAD(associatedData);
      const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      const envelope = { wrappedDek: iv, sealedValue: Buffer.concat([sealed, cipher.getAuthTag()]) };
      return { status: SealResult_Status.SEALED, envelope };
    });
    return { results };
  }

  async open({ keks, items }: OpenRequest) {
    const results = items.map(({ kekIndex, associatedData, envelope }) => {
      try {
        const { wrappedDek: iv, sealedValue } = envelope!;
        const decipher = createDecipheriv('aes-256-gcm', keks[kekIndex]!.wrapped, iv).setAAD(associatedData);
        decipher.setAuthTag(sealedValue.subarray(-16));
        const plaintext = Buffer.concat([decipher.update(sealedValue.subarray(0, -16)), decipher.final()]);
        return { status: OpenResult_Status.OPENED, plaintext };
      } catch {
        return { status: OpenResult_Status.DAMAGED };
      }
    });
    return { results };
  }

  rewrapDeks(): never {
    throw new Error('not needed here');
  }
}
