import { requireCaller } from '@oneclaw/caller';
import {
  type GetX402SettingsRequest,
  type SetX402SettingsRequest,
  X402AdminServiceDefinition,
} from '@oneclaw/contracts/billing';
import { type CallContext, RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { X402AdminService } from './x402-admin.service.js';
import { parseX402Change, type X402Settings } from './x402-settings.js';

@RpcController(X402AdminServiceDefinition)
export class X402AdminGrpc implements RpcHandlers<typeof X402AdminServiceDefinition> {
  constructor(private readonly admin: X402AdminService) {}

  async getX402Settings(_request: GetX402SettingsRequest, call: CallContext) {
    return { settings: toProto(await this.admin.get(requireCaller(call.caller, 'user'))) };
  }

  async setX402Settings({ change }: SetX402SettingsRequest, call: CallContext) {
    const caller = requireCaller(call.caller, 'user');
    return { settings: toProto(await this.admin.set(caller, call, parseX402Change(change))) };
  }
}

function toProto({ payTo, network, scheme, freeTierLimit, facilitatorUrl, asset }: X402Settings) {
  return {
    payTo: payTo ?? undefined,
    network: network ?? undefined,
    scheme,
    freeTierLimit: freeTierLimit ?? undefined,
    facilitatorUrl: facilitatorUrl ?? undefined,
    asset: asset ?? undefined,
  };
}
