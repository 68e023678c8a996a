import { requireCaller } from '@oneclaw/caller';
import {
  type ApproveDeviceLoginRequest,
  type DenyDeviceLoginRequest,
  DeviceDecisionServiceDefinition,
} from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { DeviceDecisionsService } from './device-decisions.service.js';

@RpcController(DeviceDecisionServiceDefinition)
export class DeviceDecisionsGrpc implements RpcHandlers<typeof DeviceDecisionServiceDefinition> {
  constructor(private readonly decisions: DeviceDecisionsService) {}

  async approveDeviceLogin({ userCode }: ApproveDeviceLoginRequest, call: CallContext) {
    await this.decisions.decide(requireCaller(call.caller, 'user'), call, userCode, 'approved');
    return {};
  }

  async denyDeviceLogin({ userCode }: DenyDeviceLoginRequest, call: CallContext) {
    await this.decisions.decide(requireCaller(call.caller, 'user'), call, userCode, 'denied');
    return {};
  }
}
