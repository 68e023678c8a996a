import {
  AuditChainServiceDefinition,
  AuditQueryServiceDefinition,
  CheckpointKeyServiceDefinition,
} from '@oneclaw/contracts/audit';
import { type RpcChannel, createRpcClient } from '@oneclaw/rpc';

/** audit-svc: the trail. */
export class AuditClients {
  readonly queries;
  readonly chains;
  readonly checkpointKeys;

  constructor(readonly channel: RpcChannel) {
    this.queries = createRpcClient(AuditQueryServiceDefinition, channel);
    this.chains = createRpcClient(AuditChainServiceDefinition, channel);
    this.checkpointKeys = createRpcClient(CheckpointKeyServiceDefinition, channel);
  }
}
