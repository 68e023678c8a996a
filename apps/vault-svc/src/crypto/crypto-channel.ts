import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { RpcChannel, type OutgoingCall, type RpcChannelOptions } from '@oneclaw/rpc';

/** A hung HSM ends as `unavailable` well within the deadline of the request that waits for it. */
const TIMEOUT_MS = 3000;

/** The one channel to crypto-svc. */
@Injectable()
export class CryptoChannel extends RpcChannel implements OnModuleDestroy {
  constructor(options: Pick<RpcChannelOptions, 'url' | 'security' | 'metrics'>) {
    super({ ...options, self: 'vault-svc', target: 'crypto-svc', timeoutMs: TIMEOUT_MS });
  }

  onModuleDestroy(): void {
    this.close();
  }
}

/** crypto-svc serves vault-svc, never a person: who calls is not passed on. */
export function withoutCaller({ requestId, deadline }: OutgoingCall): OutgoingCall {
  return { requestId, deadline };
}
