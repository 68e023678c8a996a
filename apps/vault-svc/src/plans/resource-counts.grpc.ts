import { requireCaller } from '@oneclaw/caller';
import { type CountResourcesRequest, ResourceCountServiceDefinition } from '@oneclaw/contracts/vault';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { ResourceCountsRepository } from './resource-counts.repository.js';

@RpcController(ResourceCountServiceDefinition)
export class ResourceCountsGrpc implements RpcHandlers<typeof ResourceCountServiceDefinition> {
  constructor(
    private readonly database: DataSource,
    private readonly counts: ResourceCountsRepository,
  ) {}

  async countResources(_request: CountResourcesRequest, context: CallContext) {
    return await this.counts.count(this.database, requireCaller(context.caller, 'user').orgId);
  }
}
