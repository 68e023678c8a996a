import { EmailVerificationServiceDefinition, type VerifyEmailRequest } from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { EmailVerificationService } from './email-verification.service.js';

@RpcController(EmailVerificationServiceDefinition)
export class EmailVerificationGrpc implements RpcHandlers<typeof EmailVerificationServiceDefinition> {
  constructor(private readonly verification: EmailVerificationService) {}

  async verifyEmail({ token }: VerifyEmailRequest, call: CallContext) {
    return this.verification.verify(token, call);
  }
}
