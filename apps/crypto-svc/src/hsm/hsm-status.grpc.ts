import { Inject } from '@nestjs/common';
import { HsmStatusServiceDefinition } from '@oneclaw/contracts/crypto';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { HSM, type Hsm } from './hsm.port.js';

@RpcController(HsmStatusServiceDefinition)
export class HsmStatusGrpc implements RpcHandlers<typeof HsmStatusServiceDefinition> {
  constructor(@Inject(HSM) private readonly hsm: Hsm) {}

  async getHsmStatus() {
    return { status: this.hsm.health().status };
  }
}
