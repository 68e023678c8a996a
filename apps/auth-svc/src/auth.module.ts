import { type DynamicModule, Module } from '@nestjs/common';
import { ThrottlesRepository } from '@oneclaw/database';
import { AccountRemoval } from './accounts/account-removal.js';
import { AccountsGrpc } from './accounts/accounts.grpc.js';
import { AccountsRepository } from './accounts/accounts.repository.js';
import { ChangePasswordService } from './accounts/change-password.service.js';
import { CREDENTIAL_STORES, type CredentialStore } from './accounts/credential-stores.js';
import { CredentialsRepository } from './accounts/credentials.repository.js';
import { DeleteAccountService } from './accounts/delete-account.service.js';
import { LogInCompletion } from './accounts/log-in-completion.js';
import { LogInService } from './accounts/log-in.service.js';
import { NewAccounts } from './accounts/new-accounts.js';
import { PasswordCheck } from './accounts/password-check.js';
import { PasswordReplacement } from './accounts/password-replacement.js';
import { ProfilesGrpc } from './accounts/profiles.grpc.js';
import { ProfilesService } from './accounts/profiles.service.js';
import { SignUpService } from './accounts/sign-up.service.js';
import { ApiKeysRepository } from './api-keys/api-keys.repository.js';
import { apiKeyControllers, apiKeys } from './api-keys/api-keys.providers.js';
import { agentControllers, agents } from './agents/agents.providers.js';
import { RefusalsService } from './audit/refusals.service.js';
import type { AuthConfig } from './config.js';
import { DeviceLoginsRepository } from './devices/device-logins.repository.js';
import { deviceControllers, devices } from './devices/devices.providers.js';
import { DirectoryGrpc } from './directory/directory.grpc.js';
import { DirectoryService } from './directory/directory.service.js';
import { PrincipalsRepository } from './directory/principals.repository.js';
import { enrollment } from './enrollment/enrollment.providers.js';
import { EnrollmentGrpc } from './enrollment/enrollment.grpc.js';
import { EnrollmentsRepository } from './enrollment/enrollments.repository.js';
import { GoogleLogInGrpc } from './google/google-log-in.grpc.js';
import { google } from './google/google.providers.js';
import { InfrastructureModule } from './infrastructure.module.js';
import { BackgroundWork, Connections, Lifecycle } from './lifecycle.js';
import { invitationControllers, invitations } from './invitations/invitations.providers.js';
import { InvitationsRepository } from './invitations/invitations.repository.js';
import { ipRuleControllers, ipRules } from './ip-rules/ip-rules.providers.js';
import { mail } from './mail/mail.providers.js';
import { MailsRepository } from './mail/mails.repository.js';
import { MfaChallengesRepository } from './mfa/mfa-challenges.repository.js';
import { mfa, mfaControllers } from './mfa/mfa.providers.js';
import { TotpFactorsRepository } from './mfa/totp-factors.repository.js';
import { oidc } from './oidc/oidc.providers.js';
import { orgMoves } from './org-moves/org-moves.providers.js';
import { orgControllers, orgs } from './orgs/orgs.providers.js';
import { Passwords } from './passwords/passwords.js';
import { platform, platformControllers } from './platform/platform.providers.js';
import { RootKeysGrpc } from './root-keys/root-keys.grpc.js';
import { sealing } from './sealing/sealing.providers.js';
import { CallerAssertions } from './sessions/caller-assertions.js';
import { InteractiveOnly } from './sessions/interactive-only.js';
import { InvalidationBeat } from './sessions/invalidation-beat.js';
import { Invalidations } from './sessions/invalidations.js';
import { InvalidationsRepository } from './sessions/invalidations.repository.js';
import { OtherSessions } from './sessions/other-sessions.js';
import { PRUNABLES, type Prunable, Pruner } from './sessions/pruner.js';
import { ResolveService } from './sessions/resolve.service.js';
import { RevokeService } from './sessions/revoke.service.js';
import { SessionIssuer } from './sessions/session-issuer.js';
import { SessionsGrpc } from './sessions/sessions.grpc.js';
import { SessionsRepository } from './sessions/sessions.repository.js';
import { throttle } from './throttle/throttle.providers.js';
import { KeyMacs } from './tokens/key-macs.js';
import { SigningKeysService } from './tokens/signing-keys.service.js';
import { TokenSigner } from './tokens/token-signer.js';
import { EmailVerificationGrpc } from './verification/email-verification.grpc.js';
import { verification } from './verification/verification.providers.js';
import { VerificationsRepository } from './verification/verifications.repository.js';

const accounts = [
  AccountsRepository,
  NewAccounts,
  SignUpService,
  PasswordCheck,
  LogInService,
  LogInCompletion,
  ProfilesService,
  CredentialsRepository,
  PasswordReplacement,
  ChangePasswordService,
  AccountRemoval,
  DeleteAccountService,
  Passwords,
];
const sessions = [
  SessionsRepository,
  SessionIssuer,
  ResolveService,
  RevokeService,
  OtherSessions,
  CallerAssertions,
  InteractiveOnly,
  Invalidations,
  InvalidationsRepository,
  InvalidationBeat,
  Pruner,
];
const tokens = [TokenSigner, KeyMacs, SigningKeysService];
const prunables = {
  provide: PRUNABLES,
  inject: [
    InvalidationsRepository,
    MailsRepository,
    ThrottlesRepository,
    VerificationsRepository,
    MfaChallengesRepository,
    DeviceLoginsRepository,
    EnrollmentsRepository,
    InvitationsRepository,
  ],
  useFactory: (...all: Prunable[]) => all,
};
const credentialStores = {
  provide: CREDENTIAL_STORES,
  inject: [ApiKeysRepository, TotpFactorsRepository, DeviceLoginsRepository],
  useFactory: (...all: CredentialStore[]) => all,
};
const others = [
  credentialStores,
  prunables,
  RefusalsService,
  PrincipalsRepository,
  DirectoryService,
  BackgroundWork,
  Connections,
  Lifecycle,
];

/** All of auth-svc. */
@Module({})
export class AuthModule {
  static with(config: AuthConfig): DynamicModule {
    return {
      module: AuthModule,
      imports: [InfrastructureModule.with(config)],
      controllers: [
        AccountsGrpc,
        ProfilesGrpc,
        EmailVerificationGrpc,
        ...deviceControllers,
        ...agentControllers,
        EnrollmentGrpc,
        GoogleLogInGrpc,
        SessionsGrpc,
        DirectoryGrpc,
        RootKeysGrpc,
        ...apiKeyControllers,
        ...mfaControllers,
        ...orgControllers,
        ...invitationControllers,
        ...ipRuleControllers,
        ...platformControllers,
      ],
      providers: [
        ...accounts,
        ...agents,
        ...enrollment,
        ...oidc,
        ...apiKeys,
        ...mfa,
        ...sessions,
        ...tokens,
        ...devices,
        ...sealing,
        ...mail,
        ...throttle,
        ...verification,
        ...google,
        ...orgs,
        ...invitations,
        ...orgMoves,
        ...ipRules,
        ...platform,
        ...others,
      ],
    };
  }
}
