import { Injectable } from '@nestjs/common';
import { type TokenKind, TokenSigningServiceDefinition } from '@oneclaw/contracts/crypto';
import { createRpcClient, type OutgoingCall, type RpcClient } from '@oneclaw/rpc';
import { CryptoChannel } from '../rpc/channels.js';

/** Has tokens signed in the HSM by crypto-svc. */
@Injectable()
export class TokenSigner {
  private readonly client: RpcClient<typeof TokenSigningServiceDefinition>;

  constructor(crypto: CryptoChannel) {
    this.client = createRpcClient(TokenSigningServiceDefinition, crypto);
  }

  /** Compact JWSs in the order of the claims. The kind decides the `typ` header, so that kinds cannot be interchanged. */
  async sign(kind: TokenKind, claims: readonly object[], call: OutgoingCall): Promise<string[]> {
    if (claims.length === 0) return [];
    const tokens = claims.map((each) => ({ kind, claimsJson: JSON.stringify(each) }));
    const signed = await this.client.signTokens({ tokens }, withoutCaller(call));
    return signed.tokens;
  }
}

/** crypto-svc knows no callers: their assertions stay here. */
export function withoutCaller({ requestId, deadline, clientIp }: OutgoingCall): OutgoingCall {
  return { requestId, deadline, clientIp };
}
