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
  OrgInvitationServiceDefinition,
  OrgMemberServiceDefinition,
  PlatformServiceDefinition,
  PlatformStateServiceDefinition,
  ProfileServiceDefinition,
  MfaLoginServiceDefinition,
  MfaServiceDefinition,
  SessionServiceDefinition,
} from '@oneclaw/contracts/auth';
import { runMigrations } from '@oneclaw/database';
import { createRpcClient, RpcChannel, transportSecurity, type Service } from '@oneclaw/rpc';
import { startFakeBillingSvc } from '@oneclaw/rpc/fake-billing-svc';
import { createLogger } from '@oneclaw/telemetry';
import { createTestDatabase } from '@oneclaw/testing';
import pg from 'pg';
import { createApp } from '../app.js';
import type { AuthConfig } from '../config.js';
import { migrations } from '../migrations/index.js';
import { startFakeCryptoSvc } from './fake-crypto-svc.js';
import { startFakeVaultSvc } from './fake-vault-svc.js';

const anyPort = { host: '127.0.0.1', port: 0 };
const base = {
  ONECLAW_PROFILE: 'local',
  LOG_LEVEL: 'silent',
  TLS_MODE: 'plaintext',
  ADMIN_LISTEN: anyPort,
  GRPC_LISTEN: anyPort,
} as const;

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'audience.test';
export const PUBLIC_URL = 'https://oneclaw.test';

/** The first owner of the platform's org. */
export const PLATFORM_ADMIN = { email: 'admin@platform.test', password: 'a harbour of nine lanterns' };

/** Nobody listens there: a service without NATS. */
export const NO_NATS = 'nats://127.0.0.1:1';

export type Replica = ReturnType<typeof clientsOf> & { service: Service };

export type AuthWorld = Awaited<ReturnType<typeof startAuthWorld>>;

interface WorldOptions extends Partial<AuthConfig> {
  natsUrl?: string;
}

/** A database of its own, fakes of the services that auth-svc calls, and one replica; more on demand. */
export async function startAuthWorld({ natsUrl = NO_NATS, ...settings }: WorldOptions = {}) {
  const closing: (() => Promise<unknown> | void)[] = [];
  const database = await createTestDatabase();
  closing.push(() => database.drop());
  const logger = createLogger({ service: 'test', level: 'silent' });
  await runMigrations({ url: database.ownerUrl, migrations, name: 'auth-svc', logger });
  const owner = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
  owner.on('error', () => undefined);
  closing.push(() => owner.end());
  const crypto = await startFakeCryptoSvc(base);
  closing.push(() => crypto.service.close());
  const vault = await startFakeVaultSvc(base, { kid: crypto.keys.kid, publicKey: crypto.keys.publicKey() });
  closing.push(() => vault.service.close());
  const billing = await startFakeBillingSvc(base);
  closing.push(() => billing.service.close());

  const startReplica = async (overrides: Partial<AuthConfig> = {}): Promise<Replica> => {
    const service = await createApp({
      ...base,
      DATABASE_URL_FILE: database.url,
      DATABASE_POOL_SIZE: 10,
      NATS_URL_FILE: natsUrl,
      CRYPTO_SVC_URL: `127.0.0.1:${crypto.service.grpcPort}`,
      VAULT_SVC_URL: `127.0.0.1:${vault.service.grpcPort}`,
      BILLING_SVC_URL: `127.0.0.1:${billing.service.grpcPort}`,
      TOKEN_ISSUER: ISSUER,
      TOKEN_AUDIENCE: AUDIENCE,
      PUBLIC_URL,
      MAIL_FROM_NAME: 'OneClaw',
      MAIL_GIVE_UP_AFTER: 86_400_000,
      USER_TOKEN_LIFETIME: 900_000,
      AGENT_TOKEN_LIFETIME: 3_600_000,
      MFA_CHALLENGE_LIFETIME: 300_000,
      DEVICE_TOKEN_LIFETIME: 86_400_000,
      // Far below what config.ts allows, so that tests are about something else.
      ARGON2_MEMORY_KIB: 1024,
      ARGON2_ITERATIONS: 1,
      ARGON2_CONCURRENCY: 2,
      OUTBOUND_ALLOW_HTTP: false,
      OUTBOUND_ALLOWED_TARGETS: [],
      GOOGLE_CLIENT_IDS: [],
      GOOGLE_ISSUER: 'https://accounts.google.com',
      GOOGLE_JWKS_URL: 'http://127.0.0.1:1/jwks',
      PLATFORM_ADMIN_EMAIL: PLATFORM_ADMIN.email,
      PLATFORM_ADMIN_PASSWORD_FILE: PLATFORM_ADMIN.password,
      ...settings,
      ...overrides,
    });
    const channel = new RpcChannel({
      self: 'gateway',
      target: 'auth-svc',
      url: `127.0.0.1:${service.grpcPort}`,
      security: transportSecurity(base),
      timeoutMs: 10_000,
    });
    closing.push(async () => {
      channel.close();
      await service.close();
    });
    return { service, ...clientsOf(channel) };
  };

  const replica = await startReplica();
  return {
    ...replica,
    database,
    owner,
    crypto,
    vault,
    billing,
    startReplica,
    close: async () => {
      for (const close of closing.reverse()) await close();
    },
  };
}

function clientsOf(channel: RpcChannel) {
  return {
    accounts: createRpcClient(AccountServiceDefinition, channel),
    agentTokens: createRpcClient(AgentTokenServiceDefinition, channel),
    agents: createRpcClient(AgentServiceDefinition, channel),
    agentLogins: createRpcClient(AgentLoginServiceDefinition, channel),
    enrollment: createRpcClient(EnrollmentServiceDefinition, channel),
    apiKeys: createRpcClient(ApiKeyServiceDefinition, channel),
    apiKeyTokens: createRpcClient(ApiKeyTokenServiceDefinition, channel),
    mfa: createRpcClient(MfaServiceDefinition, channel),
    mfaLogins: createRpcClient(MfaLoginServiceDefinition, channel),
    sessions: createRpcClient(SessionServiceDefinition, channel),
    directory: createRpcClient(DirectoryServiceDefinition, channel),
    profiles: createRpcClient(ProfileServiceDefinition, channel),
    google: createRpcClient(GoogleLoginServiceDefinition, channel),
    devices: createRpcClient(DeviceLoginServiceDefinition, channel),
    deviceDecisions: createRpcClient(DeviceDecisionServiceDefinition, channel),
    orgMembers: createRpcClient(OrgMemberServiceDefinition, channel),
    ipRules: createRpcClient(IpRuleServiceDefinition, channel),
    platform: createRpcClient(PlatformServiceDefinition, channel),
    platformState: createRpcClient(PlatformStateServiceDefinition, channel),
    invitations: createRpcClient(OrgInvitationServiceDefinition, channel),
    verification: createRpcClient(EmailVerificationServiceDefinition, channel),
  };
}
