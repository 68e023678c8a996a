import { AuditQueryServiceDefinition } from '@oneclaw/contracts/audit';
import { type RpcChannel, createRpcClient } from '@oneclaw/rpc';

/** audit-svc: the trail. */
export class AuditClients {
  readonly queries;

  constructor(readonly channel: RpcChannel) {
    this.queries = createRpcClient(AuditQueryServiceDefinition, channel);
  }
}
