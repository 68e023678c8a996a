import { requireCaller } from '@oneclaw/caller';
import {
  type ChangePasswordRequest,
  type DeleteAccountRequest,
  ProfileServiceDefinition,
  type UpdateProfileRequest,
} from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { ChangePasswordService } from './change-password.service.js';
import { DeleteAccountService } from './delete-account.service.js';
import { toProto } from './profile.proto.js';
import { ProfilesService } from './profiles.service.js';

@RpcController(ProfileServiceDefinition)
export class ProfilesGrpc implements RpcHandlers<typeof ProfileServiceDefinition> {
  constructor(
    private readonly profiles: ProfilesService,
    private readonly passwords: ChangePasswordService,
    private readonly deletion: DeleteAccountService,
  ) {}

  async updateProfile(request: UpdateProfileRequest, call: CallContext) {
    return { profile: toProto(await this.profiles.update(requireCaller(call.caller, 'user'), call, request)) };
  }

  async changePassword(request: ChangePasswordRequest, call: CallContext) {
    await this.passwords.change(requireCaller(call.caller, 'user'), call, request);
    return {};
  }

  async deleteAccount({ confirmation }: DeleteAccountRequest, call: CallContext) {
    await this.deletion.delete(requireCaller(call.caller, 'user'), call, confirmation);
    return {};
  }
}
