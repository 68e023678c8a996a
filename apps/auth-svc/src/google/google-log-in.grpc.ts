import { GoogleLoginServiceDefinition, type LogInWithGoogleRequest } from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { GoogleLogInService } from './google-log-in.service.js';

@RpcController(GoogleLoginServiceDefinition)
export class GoogleLogInGrpc implements RpcHandlers<typeof GoogleLoginServiceDefinition> {
  constructor(private readonly logIns: GoogleLogInService) {}

  async logInWithGoogle({ idToken }: LogInWithGoogleRequest, call: CallContext) {
    return this.logIns.logIn(idToken, call);
  }
}
