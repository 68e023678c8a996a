import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AuditChainServiceDefinition,
  AuditQueryServiceDefinition,
  CheckpointKeyServiceDefinition,
} from '@oneclaw/contracts/audit';
import {
  BillingAccountServiceDefinition,
  QuotaServiceDefinition,
  UsageServiceDefinition,
} from '@oneclaw/contracts/billing';
import {
  HsmHealthServiceDefinition,
  PolicyServiceDefinition,
  SecretReadServiceDefinition,
  SecretWriteServiceDefinition,
  ShareAccessServiceDefinition,
  ShareServiceDefinition,
  VaultServiceDefinition,
} from '@oneclaw/contracts/vault';
import { loadConfig } from '@oneclaw/config';
import type { Service } from '@oneclaw/rpc';
import { type Gateway, createApp } from '../app.js';
import { configFields } from '../config.js';
import { type UsagePrincipal, UsageRecorder } from '../usage/usage-recorder.js';
import { StubAuth } from './stub-auth.js';
import { type Handlers, part, startStub } from './stub-service.js';
import { AUDIENCE, ISSUER } from './test-signer.js';

export type RecordedUsage = UsagePrincipal & { method: string; path: string; statusCode: number };

export const UNLIMITED = { validForMs: 30_000, tier: 'enterprise', overageMethod: 'credits' };

/** Stubs of the four services, and gateways in front of them, all in this process. */
export class StubWorld {
  readonly auth = new StubAuth();
  /** What the gateways recorded; nobody takes it to billing-svc. */
  readonly usage: RecordedUsage[] = [];
  readonly vaults: Handlers<typeof VaultServiceDefinition> = {};
  readonly reads: Handlers<typeof SecretReadServiceDefinition> = {};
  readonly writes: Handlers<typeof SecretWriteServiceDefinition> = {};
  readonly policies: Handlers<typeof PolicyServiceDefinition> = {};
  readonly shares: Handlers<typeof ShareServiceDefinition> = {};
  readonly shareAccess: Handlers<typeof ShareAccessServiceDefinition> = {};
  readonly hsm: Handlers<typeof HsmHealthServiceDefinition> = { getHsmHealth: async () => ({ status: 'ok' }) };
  readonly audit: Handlers<typeof AuditQueryServiceDefinition> = {};
  readonly chains: Handlers<typeof AuditChainServiceDefinition> = {};
  readonly checkpointKeys: Handlers<typeof CheckpointKeyServiceDefinition> = {};
  /** Without a word of the test nothing is limited. */
  readonly quota: Handlers<typeof QuotaServiceDefinition> = {
    claimLeases: async ({ claims }) => ({ grants: claims.map(({ held }) => ({ ...UNLIMITED, granted: held })) }),
  };
  readonly billing: Handlers<typeof UsageServiceDefinition> = {};
  readonly account: Handlers<typeof BillingAccountServiceDefinition> = {};
  readonly services: Record<string, Service> = {};
  private readonly folder = mkdtempSync(join(tmpdir(), 'oneclaw-gateway-'));
  private readonly gateways: Gateway[] = [];
  private stopWatching: () => void = () => undefined;

  static async start(): Promise<StubWorld> {
    const world = new StubWorld();
    world.watchUsage();
    const { signer } = world.auth;
    world.services['AUTH_SVC_URL'] = await world.auth.start();
    world.services['VAULT_SVC_URL'] = await startStub('vault-svc', signer, [
      part(VaultServiceDefinition, world.vaults),
      part(SecretReadServiceDefinition, world.reads),
      part(SecretWriteServiceDefinition, world.writes),
      part(PolicyServiceDefinition, world.policies),
      part(ShareServiceDefinition, world.shares),
      part(ShareAccessServiceDefinition, world.shareAccess),
      part(HsmHealthServiceDefinition, world.hsm),
    ]);
    world.services['BILLING_SVC_URL'] = await startStub('billing-svc', signer, [
      part(QuotaServiceDefinition, world.quota),
      part(UsageServiceDefinition, world.billing),
      part(BillingAccountServiceDefinition, world.account),
    ]);
    world.services['AUDIT_SVC_URL'] = await startStub('audit-svc', signer, [
      part(AuditQueryServiceDefinition, world.audit),
      part(AuditChainServiceDefinition, world.chains),
      part(CheckpointKeyServiceDefinition, world.checkpointKeys),
    ]);
    return world;
  }

  /** @param natsUrl where nobody listens, unless the test has a server */
  async gateway(environment: Record<string, string> = {}, natsUrl = 'nats://127.0.0.1:9'): Promise<Gateway> {
    const natsFile = join(this.folder, `nats-${this.gateways.length}`);
    writeFileSync(natsFile, natsUrl);
    const urls = Object.entries(this.services).map(([name, { grpcPort }]) => [name, `127.0.0.1:${grpcPort}`]);
    const gateway = await createApp(
      loadConfig(configFields, {
        ONECLAW_PROFILE: 'local',
        LOG_LEVEL: 'silent',
        TLS_MODE: 'plaintext',
        ADMIN_LISTEN: '127.0.0.1:0',
        HTTP_LISTEN: '127.0.0.1:0',
        PUBLIC_URL: 'http://localhost:8080',
        TOKEN_ISSUER: ISSUER,
        TOKEN_AUDIENCE: AUDIENCE,
        NATS_URL_FILE: natsFile,
        RATE_LIMIT_PER_SECOND: '10000',
        RATE_LIMIT_BURST: '10000',
        ...Object.fromEntries(urls),
        ...environment,
      }),
    );
    this.gateways.push(gateway);
    return gateway;
  }

  private watchUsage(): void {
    const { record } = UsageRecorder.prototype;
    UsageRecorder.prototype.record = (principal, { method, path }, statusCode) => {
      this.usage.push({ ...principal, method, path, statusCode });
    };
    this.stopWatching = () => (UsageRecorder.prototype.record = record);
  }

  async close(): Promise<void> {
    this.stopWatching();
    await Promise.all(this.gateways.map((gateway) => gateway.close()));
    await Promise.all(Object.values(this.services).map((service) => service.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
