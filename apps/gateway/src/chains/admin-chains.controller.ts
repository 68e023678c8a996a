import { Controller } from '@nestjs/common';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { VaultClients } from '../upstreams/vault-clients.js';
import { toChainChange, toChainResponse } from './chains.mapper.js';
import { adminListChains, createChain, deleteChain, updateChain } from './chains.operations.js';
import { PublicChains } from './public-chains.js';

@Controller()
export class AdminChainsController {
  constructor(
    private readonly vault: VaultClients,
    private readonly chains: PublicChains,
  ) {}

  @Operation(adminListChains)
  async list(call: SessionCall) {
    const { chains } = await this.vault.chainAdmin.listAllChains({}, call);
    return { chains: chains.map(toChainResponse) };
  }

  @Operation(createChain)
  async create(call: SessionCall, { body }: InputOf<typeof createChain>) {
    const request = { name: body.name, chainId: body.chain_id, fields: toChainChange(body) };
    const { chain } = await this.vault.chainAdmin.createChain(request, call);
    this.chains.forget();
    return toChainResponse(chain);
  }

  @Operation(updateChain)
  async update(call: SessionCall, { params, body }: InputOf<typeof updateChain>) {
    const identifier = params.chain_id.toLowerCase();
    const { chain } = await this.vault.chainAdmin.updateChain({ identifier, change: toChainChange(body) }, call);
    this.chains.forget();
    return toChainResponse(chain);
  }

  @Operation(deleteChain)
  async delete(call: SessionCall, { params }: InputOf<typeof deleteChain>) {
    await this.vault.chainAdmin.deleteChain({ identifier: params.chain_id.toLowerCase() }, call);
    this.chains.forget();
  }
}
