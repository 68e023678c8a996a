import { type EnrollAgentRequest, EnrollmentServiceDefinition } from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { EnrollmentService } from './enrollment.service.js';

@RpcController(EnrollmentServiceDefinition)
export class EnrollmentGrpc implements RpcHandlers<typeof EnrollmentServiceDefinition> {
  constructor(private readonly enrollment: EnrollmentService) {}

  async enrollAgent(request: EnrollAgentRequest, call: CallContext) {
    return this.enrollment.enroll(request, call);
  }
}
