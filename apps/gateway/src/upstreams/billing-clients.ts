import {
  BillingAccountServiceDefinition,
  PlanAdminServiceDefinition,
  QuotaServiceDefinition,
  UsageServiceDefinition,
  X402AdminServiceDefinition,
} from '@oneclaw/contracts/billing';
import { type RpcChannel, createRpcClient } from '@oneclaw/rpc';

/** billing-svc: quotas, what was used, and how it is paid for. */
export class BillingClients {
  readonly quota;
  readonly usage;
  readonly account;
  readonly planAdmin;
  readonly x402Admin;

  constructor(readonly channel: RpcChannel) {
    this.quota = createRpcClient(QuotaServiceDefinition, channel);
    this.usage = createRpcClient(UsageServiceDefinition, channel);
    this.account = createRpcClient(BillingAccountServiceDefinition, channel);
    this.x402Admin = createRpcClient(X402AdminServiceDefinition, channel);
    this.planAdmin = createRpcClient(PlanAdminServiceDefinition, channel);
  }
}
