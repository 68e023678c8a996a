import {
  type BeginDeviceLoginRequest,
  DeviceLoginServiceDefinition,
  type GetDeviceLoginRequest,
  type PollDeviceLoginRequest,
} from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { DeviceLoginsService } from './device-logins.service.js';
import { DevicePollsService } from './device-polls.service.js';
import { STATUSES, toPollResponse } from './device.proto.js';

@RpcController(DeviceLoginServiceDefinition)
export class DeviceLoginsGrpc implements RpcHandlers<typeof DeviceLoginServiceDefinition> {
  constructor(
    private readonly logins: DeviceLoginsService,
    private readonly polls: DevicePollsService,
  ) {}

  async beginDeviceLogin({ clientId }: BeginDeviceLoginRequest) {
    return this.logins.begin(clientId);
  }

  async pollDeviceLogin({ deviceCode }: PollDeviceLoginRequest, call: CallContext) {
    return toPollResponse(await this.polls.poll(deviceCode, call));
  }

  async getDeviceLogin({ userCode }: GetDeviceLoginRequest, call: CallContext) {
    const login = await this.logins.get(userCode, call);
    return { ...login, status: STATUSES[login.status] };
  }
}
