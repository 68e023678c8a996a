import {
  AgentLoginServiceDefinition,
  type LogInWithAssertionRequest,
  type LogInWithCertificateRequest,
} from '@oneclaw/contracts/auth';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { AgentLoginService } from './agent-login.service.js';

@RpcController(AgentLoginServiceDefinition)
export class AgentLoginGrpc implements RpcHandlers<typeof AgentLoginServiceDefinition> {
  constructor(private readonly logins: AgentLoginService) {}

  async logInWithCertificate({ agentId, fingerprint }: LogInWithCertificateRequest, call: CallContext) {
    return { token: await this.logins.withCertificate(agentId, fingerprint, call) };
  }

  async logInWithAssertion({ agentId, clientAssertion }: LogInWithAssertionRequest, call: CallContext) {
    return { token: await this.logins.withAssertion(agentId, clientAssertion, call) };
  }
}
