import { type GetHsmHealthRequest, HsmHealthServiceDefinition } from '@oneclaw/contracts/vault';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { HsmStatusClient } from './hsm-status.client.js';

/** Room for the answer that the HSM does not answer. */
const MARGIN_MS = 500;

@RpcController(HsmHealthServiceDefinition)
export class HsmHealthGrpc implements RpcHandlers<typeof HsmHealthServiceDefinition> {
  constructor(private readonly hsm: HsmStatusClient) {}

  async getHsmHealth(_request: GetHsmHealthRequest, context: CallContext) {
    return { status: await this.hsm.status({ ...context, deadline: context.deadline - MARGIN_MS }) };
  }
}
