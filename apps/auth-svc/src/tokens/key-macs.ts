import { Injectable } from '@nestjs/common';
import { MacServiceDefinition } from '@oneclaw/contracts/crypto';
import { createRpcClient, type OutgoingCall, type RpcClient } from '@oneclaw/rpc';
import { CryptoChannel } from '../rpc/channels.js';
import { withoutCaller } from './token-signer.js';

/** Keeps the MACs of one kind of key apart from those of others. */
export type KeyPurpose = 'api-key' | 'personal-api-key';

/** MACs of API keys under a key in the HSM. Keys have 256 random bits, so no slow hash is needed. */
@Injectable()
export class KeyMacs {
  private readonly client: RpcClient<typeof MacServiceDefinition>;

  constructor(crypto: CryptoChannel) {
    this.client = createRpcClient(MacServiceDefinition, crypto);
  }

  /** 32 bytes each, in the order of the keys. */
  async compute(keys: readonly string[], call: OutgoingCall, purpose: KeyPurpose = 'api-key'): Promise<Buffer[]> {
    if (keys.length === 0) return [];
    const inputs = keys.map((key) => ({ purpose, data: Buffer.from(key) }));
    const { macs } = await this.client.computeMacs({ inputs }, withoutCaller(call));
    return macs.map((mac) => Buffer.from(mac));
  }
}
