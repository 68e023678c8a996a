import type { AuditAction } from '@oneclaw/events';
import { requireCaller } from '@oneclaw/caller';
import {
  type DeleteSettingRequest,
  type DeleteUserRequest,
  type FindOrgRequest,
  type GetPlatformStateRequest,
  type ListSettingsRequest,
  type ListUsersRequest,
  PlatformServiceDefinition,
  PlatformStateServiceDefinition,
  type PutSettingRequest,
} from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { PlatformUsersService } from './platform-users.service.js';
import { SettingsService } from './settings.service.js';

@RpcController(PlatformServiceDefinition)
export class PlatformGrpc implements RpcHandlers<typeof PlatformServiceDefinition> {
  constructor(
    private readonly settings: SettingsService,
    private readonly users: PlatformUsersService,
  ) {}

  async listSettings(_request: ListSettingsRequest, call: CallContext) {
    return { settings: await this.settings.list(requireCaller(call.caller, 'user'), call) };
  }

  async putSetting({ key, value }: PutSettingRequest, call: CallContext) {
    return { setting: await this.settings.put(requireCaller(call.caller, 'user'), call, key, value) };
  }

  async deleteSetting({ key }: DeleteSettingRequest, call: CallContext) {
    await this.settings.delete(requireCaller(call.caller, 'user'), call, key);
    return {};
  }

  async listUsers({ limit, offset }: ListUsersRequest, call: CallContext) {
    const caller = requireCaller(call.caller, 'user');
    const { users, total } = await this.users.list(caller, call, { limit, offset });
    return {
      users: users.map(({ displayName, ...user }) => ({ ...user, displayName: displayName ?? undefined })),
      total,
    };
  }

  async deleteUser({ userId }: DeleteUserRequest, call: CallContext) {
    await this.users.delete(requireCaller(call.caller, 'user'), call, userId.toLowerCase());
    return {};
  }

  async findOrg({ orgId, action }: FindOrgRequest, call: CallContext) {
    const attempted = (action || 'admin.read_org') as AuditAction;
    return this.users.findOrg(requireCaller(call.caller, 'user'), call, orgId, attempted);
  }
}

@RpcController(PlatformStateServiceDefinition)
export class PlatformStateGrpc implements RpcHandlers<typeof PlatformStateServiceDefinition> {
  constructor(private readonly settings: SettingsService) {}

  async getPlatformState(_request: GetPlatformStateRequest) {
    return this.settings.state();
  }
}
