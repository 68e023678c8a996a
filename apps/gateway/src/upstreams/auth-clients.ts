import {
  AccountServiceDefinition,
  AgentServiceDefinition,
  AgentTokenServiceDefinition,
  DirectoryServiceDefinition,
  EmailVerificationServiceDefinition,
  ProfileServiceDefinition,
  SessionServiceDefinition,
} from '@oneclaw/contracts/auth';
import { type RpcChannel, createRpcClient } from '@oneclaw/rpc';

/** auth-svc: people, agents, sessions. */
export class AuthClients {
  readonly sessions;
  readonly accounts;
  readonly agentTokens;
  readonly agents;
  readonly directory;
  readonly profiles;
  readonly verification;

  constructor(readonly channel: RpcChannel) {
    this.sessions = createRpcClient(SessionServiceDefinition, channel);
    this.accounts = createRpcClient(AccountServiceDefinition, channel);
    this.agentTokens = createRpcClient(AgentTokenServiceDefinition, channel);
    this.agents = createRpcClient(AgentServiceDefinition, channel);
    this.directory = createRpcClient(DirectoryServiceDefinition, channel);
    this.profiles = createRpcClient(ProfileServiceDefinition, channel);
    this.verification = createRpcClient(EmailVerificationServiceDefinition, channel);
  }
}
