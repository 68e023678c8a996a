import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { RpcChannel, type RpcChannelOptions } from '@oneclaw/rpc';

/** What is known of a plan serves while billing-svc is away; nobody waits long for news. */
const TIMEOUT_MS = 2000;

/** The one channel to billing-svc. */
@Injectable()
export class BillingChannel extends RpcChannel implements OnModuleDestroy {
  constructor(options: Pick<RpcChannelOptions, 'url' | 'security' | 'metrics'>) {
    super({ ...options, self: 'vault-svc', target: 'billing-svc', timeoutMs: TIMEOUT_MS });
  }

  onModuleDestroy(): void {
    this.close();
  }
}
