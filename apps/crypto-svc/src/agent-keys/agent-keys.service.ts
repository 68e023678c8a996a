import { Injectable } from '@nestjs/common';
import type { Kek, OrDamaged } from '../hsm/hsm.port.js';
import { EnvelopeService, type Envelope } from '../envelope/envelope.service.js';
import { newEd25519Pair, newP256Pair, type RawKeyPair } from './key-pairs.js';

export interface AgentKeyRequest {
  ed25519AssociatedData: Buffer;
  p256AssociatedData: Buffer;
}

export interface AgentKeyPairs {
  ed25519PublicKey: Buffer;
  ed25519PrivateKey: Envelope;
  p256PublicKey: Buffer;
  p256PrivateKey: Envelope;
}

/** Makes agents' key pairs and seals the private halves in one step; they exist in the clear only in here. */
@Injectable()
export class AgentKeysService {
  constructor(private readonly envelopes: EnvelopeService) {}

  async generate(kek: OrDamaged<Kek>, requests: readonly AgentKeyRequest[]): Promise<AgentKeyPairs[]> {
    const made: RawKeyPair[] = [];
    try {
      for (let request = 0; request < requests.length; request++) made.push(newEd25519Pair(), newP256Pair());
      const envelopes = await this.envelopes.sealAll(
        made.map(({ privateKey }, index) => ({
          kek,
          associatedData: associatedDataOf(requests, index),
          plaintext: privateKey,
        })),
      );
      return requests.map((_, index) => ({
        ed25519PublicKey: made[index * 2]!.publicKey,
        ed25519PrivateKey: envelopes[index * 2]!,
        p256PublicKey: made[index * 2 + 1]!.publicKey,
        p256PrivateKey: envelopes[index * 2 + 1]!,
      }));
    } finally {
      for (const { privateKey } of made) privateKey.fill(0);
    }
  }
}

function associatedDataOf(requests: readonly AgentKeyRequest[], index: number): Buffer {
  const { ed25519AssociatedData, p256AssociatedData } = requests[Math.floor(index / 2)]!;
  return index % 2 === 0 ? ed25519AssociatedData : p256AssociatedData;
}
