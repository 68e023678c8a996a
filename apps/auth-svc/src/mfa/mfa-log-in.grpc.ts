import { MfaLoginServiceDefinition, type VerifyMfaRequest } from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { MfaLogInService } from './mfa-log-in.service.js';

@RpcController(MfaLoginServiceDefinition)
export class MfaLogInGrpc implements RpcHandlers<typeof MfaLoginServiceDefinition> {
  constructor(private readonly logIns: MfaLogInService) {}

  async verifyMfa(request: VerifyMfaRequest, call: CallContext) {
    return { token: await this.logIns.verify(request, call) };
  }
}
