import { requireCaller } from '@oneclaw/caller';
import {
  ChainAdminServiceDefinition,
  ChainServiceDefinition,
  type CreateChainRequest,
  type DeleteChainRequest,
  type ListAllChainsRequest,
  type ListChainsRequest,
  type UpdateChainRequest,
} from '@oneclaw/contracts/vault';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import type { Chain } from './chain.entity.js';
import { ChainsService } from './chains.service.js';

@RpcController(ChainServiceDefinition)
export class ChainsGrpc implements RpcHandlers<typeof ChainServiceDefinition> {
  constructor(private readonly chains: ChainsService) {}

  async listChains(_request: ListChainsRequest) {
    return { chains: (await this.chains.listPublic()).map(toProto) };
  }
}

@RpcController(ChainAdminServiceDefinition)
export class ChainAdminGrpc implements RpcHandlers<typeof ChainAdminServiceDefinition> {
  constructor(private readonly chains: ChainsService) {}

  async listAllChains(_request: ListAllChainsRequest, call: CallContext) {
    return { chains: (await this.chains.listAll(requireCaller(call.caller, 'user'), call)).map(toProto) };
  }

  async createChain(request: CreateChainRequest, call: CallContext) {
    return { chain: toProto(await this.chains.create(requireCaller(call.caller, 'user'), call, request)) };
  }

  async updateChain(request: UpdateChainRequest, call: CallContext) {
    return { chain: toProto(await this.chains.update(requireCaller(call.caller, 'user'), call, request)) };
  }

  async deleteChain({ identifier }: DeleteChainRequest, call: CallContext) {
    await this.chains.delete(requireCaller(call.caller, 'user'), call, identifier);
    return {};
  }
}

function toProto({ rpcUrl, wsUrl, explorerUrl, ...chain }: Chain) {
  return {
    ...chain,
    rpcUrl: rpcUrl ?? undefined,
    wsUrl: wsUrl ?? undefined,
    explorerUrl: explorerUrl ?? undefined,
  };
}
