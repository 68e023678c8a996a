import { requireCaller } from '@oneclaw/caller';
import {
  AccountServiceDefinition,
  type GetProfileRequest,
  type LogInRequest,
  type Profile as ProfileMessage,
  type SignUpRequest,
} from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { LogInService } from './log-in.service.js';
import { ProfilesService } from './profiles.service.js';
import { SignUpService } from './sign-up.service.js';
import type { Profile } from './user.entity.js';

@RpcController(AccountServiceDefinition)
export class AccountsGrpc implements RpcHandlers<typeof AccountServiceDefinition> {
  constructor(
    private readonly signUps: SignUpService,
    private readonly logIns: LogInService,
    private readonly profiles: ProfilesService,
  ) {}

  async signUp(request: SignUpRequest, call: CallContext) {
    return this.signUps.signUp(request, call);
  }

  async logIn(request: LogInRequest, call: CallContext) {
    return this.logIns.logIn(request, call);
  }

  async getProfile(_request: GetProfileRequest, { caller }: CallContext) {
    return { profile: toProto(await this.profiles.get(requireCaller(caller, 'user'))) };
  }
}

function toProto({ displayName, ...profile }: Profile): ProfileMessage {
  return { ...profile, displayName: displayName ?? undefined, totpEnabled: false };
}
