import { MacServiceDefinition, type ComputeMacsRequest } from '@oneclaw/contracts/crypto';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { MacsService } from './macs.service.js';

@RpcController(MacServiceDefinition)
export class MacsGrpc implements RpcHandlers<typeof MacServiceDefinition> {
  constructor(private readonly macs: MacsService) {}

  async computeMacs({ inputs }: ComputeMacsRequest) {
    return { macs: await this.macs.compute(inputs) };
  }
}
