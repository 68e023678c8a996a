import { Injectable } from '@nestjs/common';
import { AgentKeyServiceDefinition } from '@oneclaw/contracts/crypto';
import { internal } from '@oneclaw/errors';
import { createRpcClient, type OutgoingCall, type RpcClient } from '@oneclaw/rpc';
import type { VaultKek } from '../vaults/vault.entity.js';
import { CryptoChannel, withoutCaller } from './crypto-channel.js';
import type { Envelope } from './envelopes.client.js';

export interface AgentKeyPairs {
  /** Raw 32 bytes. */
  ed25519PublicKey: Buffer;
  ed25519PrivateKey: Envelope;
  /** Uncompressed point, 65 bytes. */
  p256PublicKey: Buffer;
  p256PrivateKey: Envelope;
}

/** Both key pairs of an agent; the private halves exist in the clear only inside crypto-svc. */
@Injectable()
export class AgentKeyPairsClient {
  private readonly client: RpcClient<typeof AgentKeyServiceDefinition>;

  constructor(crypto: CryptoChannel) {
    this.client = createRpcClient(AgentKeyServiceDefinition, crypto);
  }

  /** @param associatedData of the two places where the private halves will be. */
  async generate(
    kek: VaultKek,
    associatedData: { ed25519: Buffer; p256: Buffer },
    call: OutgoingCall,
  ): Promise<AgentKeyPairs> {
    const item = { ed25519AssociatedData: associatedData.ed25519, p256AssociatedData: associatedData.p256 };
    const { items } = await this.client.generateAgentKeys({ kek, items: [item] }, withoutCaller(call));
    const [pairs] = items;
    if (!pairs?.ed25519PrivateKey || !pairs.p256PrivateKey) throw internal('crypto-svc made no agent keys');
    const { ed25519PublicKey, ed25519PrivateKey, p256PublicKey, p256PrivateKey } = pairs;
    return { ed25519PublicKey, ed25519PrivateKey, p256PublicKey, p256PrivateKey };
  }
}
