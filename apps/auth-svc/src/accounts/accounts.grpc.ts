import { requireCaller } from '@oneclaw/caller';
import {
  AccountServiceDefinition,
  type GetProfileRequest,
  type LogInRequest,
  type SignUpRequest,
} from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { LogInService } from './log-in.service.js';
import { toProto } from './profile.proto.js';
import { ProfilesService } from './profiles.service.js';
import { SignUpService } from './sign-up.service.js';

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
