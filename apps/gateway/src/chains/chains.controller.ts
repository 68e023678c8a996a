import { Controller } from '@nestjs/common';
import type { PublicCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { toChainResponse } from './chains.mapper.js';
import { getChain, listChains } from './chains.operations.js';
import { PublicChains } from './public-chains.js';

@Controller()
export class ChainsController {
  constructor(private readonly chains: PublicChains) {}

  @Operation(listChains)
  async list() {
    return { chains: (await this.chains.list()).map(toChainResponse) };
  }

  @Operation(getChain)
  async get(_call: PublicCall, { params }: InputOf<typeof getChain>) {
    return toChainResponse(await this.chains.find(params.identifier));
  }
}
