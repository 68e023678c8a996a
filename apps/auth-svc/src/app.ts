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
  MfaLoginServiceDefinition,
  MfaServiceDefinition,
  GoogleLoginServiceDefinition,
  IpRuleServiceDefinition,
  OrgCountServiceDefinition,
  OrgInvitationServiceDefinition,
  OrgMemberServiceDefinition,
  PlatformServiceDefinition,
  PlatformStateServiceDefinition,
  ProfileServiceDefinition,
  AuthRootKeyServiceDefinition,
  SessionServiceDefinition,
} from '@oneclaw/contracts/auth';
import { createService, type Service } from '@oneclaw/rpc';
import { AuthModule } from './auth.module.js';
import type { AuthConfig } from './config.js';

/** auth-svc as one closable object. Resolves when it accepts calls; the schema must be there (migrate.ts). */
export async function createApp(config: AuthConfig): Promise<Service> {
  return createService({
    name: 'auth-svc',
    config,
    module: AuthModule.with(config),
    services: [
      AccountServiceDefinition,
      AgentTokenServiceDefinition,
      AgentLoginServiceDefinition,
      EnrollmentServiceDefinition,
      AgentServiceDefinition,
      ApiKeyServiceDefinition,
      ApiKeyTokenServiceDefinition,
      SessionServiceDefinition,
      DirectoryServiceDefinition,
      EmailVerificationServiceDefinition,
      MfaLoginServiceDefinition,
      MfaServiceDefinition,
      GoogleLoginServiceDefinition,
      DeviceLoginServiceDefinition,
      DeviceDecisionServiceDefinition,
      ProfileServiceDefinition,
      AuthRootKeyServiceDefinition,
      OrgMemberServiceDefinition,
      OrgCountServiceDefinition,
      OrgInvitationServiceDefinition,
      IpRuleServiceDefinition,
      PlatformServiceDefinition,
      PlatformStateServiceDefinition,
    ],
    verifiesCallers: true,
  });
}
