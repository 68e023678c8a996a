import { Injectable } from '@nestjs/common';
import { KeyUse, PublicKeyServiceDefinition } from '@oneclaw/contracts/crypto';
import { createRpcClient, type OutgoingCall, type RpcClient } from '@oneclaw/rpc';
import { CryptoChannel } from '../rpc/channels.js';
import { withoutCaller } from './token-signer.js';

/** Public halves of the token-signing keys, for clients that verify tokens themselves. */
@Injectable()
export class SigningKeysService {
  private readonly client: RpcClient<typeof PublicKeyServiceDefinition>;

  constructor(crypto: CryptoChannel) {
    this.client = createRpcClient(PublicKeyServiceDefinition, crypto);
  }

  async list(call: OutgoingCall) {
    const { keys } = await this.client.listPublicKeys({ use: KeyUse.TOKEN_SIGNING }, withoutCaller(call));
    return keys.map(({ keyId, publicKey, current }) => ({ kid: keyId, publicKey, current }));
  }
}
