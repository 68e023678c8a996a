import { UsageServiceDefinition } from '@oneclaw/contracts/billing';
import { type RpcChannel, createRpcClient } from '@oneclaw/rpc';

/** billing-svc: what was used. */
export class BillingClients {
  readonly usage;

  constructor(readonly channel: RpcChannel) {
    this.usage = createRpcClient(UsageServiceDefinition, channel);
  }
}
