import { Injectable } from '@nestjs/common';
import { HsmStatusServiceDefinition } from '@oneclaw/contracts/crypto';
import { isDomainError } from '@oneclaw/errors';
import { createRpcClient, type OutgoingCall, type RpcClient } from '@oneclaw/rpc';
import { CryptoChannel, withoutCaller } from './crypto-channel.js';

@Injectable()
export class HsmStatusClient {
  private readonly client: RpcClient<typeof HsmStatusServiceDefinition>;

  constructor(crypto: CryptoChannel) {
    this.client = createRpcClient(HsmStatusServiceDefinition, crypto);
  }

  /** "ok", "degraded" or "unavailable"; the last also where crypto-svc does not answer. */
  async status(call: OutgoingCall): Promise<string> {
    try {
      return (await this.client.getHsmStatus({}, withoutCaller(call))).status;
    } catch (error) {
      if (isDomainError(error, 'unavailable')) return 'unavailable';
      throw error;
    }
  }
}
