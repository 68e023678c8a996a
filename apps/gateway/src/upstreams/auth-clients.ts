import {
  AccountServiceDefinition,
  AgentLoginServiceDefinition,
  AgentServiceDefinition,
  AgentTokenServiceDefinition,
  ApiKeyServiceDefinition,
  ApiKeyTokenServiceDefinition,
  DeviceDecisionServiceDefinition,
  DeviceLoginServiceDefinition,
  DirectoryServiceDefinition,
  EmailVerificationServiceDefinition,
  EnrollmentServiceDefinition,
  GoogleLoginServiceDefinition,
  IpRuleServiceDefinition,
  MfaLoginServiceDefinition,
  MfaServiceDefinition,
  OrgInvitationServiceDefinition,
  OrgCountServiceDefinition,
  OrgMemberServiceDefinition,
  PlatformServiceDefinition,
  PlatformStateServiceDefinition,
  ProfileServiceDefinition,
  SessionServiceDefinition,
} from '@oneclaw/contracts/auth';
import { type RpcChannel, createRpcClient } from '@oneclaw/rpc';

/** auth-svc: people, agents, sessions. */
export class AuthClients {
  readonly sessions;
  readonly accounts;
  readonly agentTokens;
  readonly agentLogins;
  readonly agents;
  readonly enrollment;
  readonly apiKeys;
  readonly apiKeyTokens;
  readonly mfa;
  readonly mfaLogins;
  readonly devices;
  readonly deviceDecisions;
  readonly directory;
  readonly google;
  readonly profiles;
  readonly orgCounts;
  readonly orgMembers;
  readonly invitations;
  readonly ipRules;
  readonly platform;
  readonly platformState;
  readonly verification;

  constructor(readonly channel: RpcChannel) {
    this.sessions = createRpcClient(SessionServiceDefinition, channel);
    this.accounts = createRpcClient(AccountServiceDefinition, channel);
    this.agentTokens = createRpcClient(AgentTokenServiceDefinition, channel);
    this.agentLogins = createRpcClient(AgentLoginServiceDefinition, channel);
    this.agents = createRpcClient(AgentServiceDefinition, channel);
    this.enrollment = createRpcClient(EnrollmentServiceDefinition, channel);
    this.apiKeys = createRpcClient(ApiKeyServiceDefinition, channel);
    this.apiKeyTokens = createRpcClient(ApiKeyTokenServiceDefinition, channel);
    this.mfa = createRpcClient(MfaServiceDefinition, channel);
    this.mfaLogins = createRpcClient(MfaLoginServiceDefinition, channel);
    this.devices = createRpcClient(DeviceLoginServiceDefinition, channel);
    this.deviceDecisions = createRpcClient(DeviceDecisionServiceDefinition, channel);
    this.directory = createRpcClient(DirectoryServiceDefinition, channel);
    this.google = createRpcClient(GoogleLoginServiceDefinition, channel);
    this.profiles = createRpcClient(ProfileServiceDefinition, channel);
    this.orgCounts = createRpcClient(OrgCountServiceDefinition, channel);
    this.orgMembers = createRpcClient(OrgMemberServiceDefinition, channel);
    this.invitations = createRpcClient(OrgInvitationServiceDefinition, channel);
    this.ipRules = createRpcClient(IpRuleServiceDefinition, channel);
    this.platform = createRpcClient(PlatformServiceDefinition, channel);
    this.platformState = createRpcClient(PlatformStateServiceDefinition, channel);
    this.verification = createRpcClient(EmailVerificationServiceDefinition, channel);
  }
}
