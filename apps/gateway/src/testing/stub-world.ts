import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditQueryServiceDefinition } from '@oneclaw/contracts/audit';
import { type UsageRecord, UsageServiceDefinition } from '@oneclaw/contracts/billing';
import {
  HsmHealthServiceDefinition,
  PolicyServiceDefinition,
  SecretReadServiceDefinition,
  SecretWriteServiceDefinition,
  VaultServiceDefinition,
} from '@oneclaw/contracts/vault';
import { loadConfig } from '@oneclaw/config';
import type { Service } from '@oneclaw/rpc';
import { type Gateway, createApp } from '../app.js';
import { configFields } from '../config.js';
import { StubAuth } from './stub-auth.js';
import { type Handlers, part, startStub } from './stub-service.js';
import { AUDIENCE, ISSUER } from './test-signer.js';

/** Stubs of the four services, and gateways in front of them, all in this process. */
export class StubWorld {
  readonly auth = new StubAuth();
  readonly usage: UsageRecord[] = [];
  readonly vaults: Handlers<typeof VaultServiceDefinition> = {};
  readonly reads: Handlers<typeof SecretReadServiceDefinition> = {};
  readonly writes: Handlers<typeof SecretWriteServiceDefinition> = {};
  readonly policies: Handlers<typeof PolicyServiceDefinition> = {};
  readonly hsm: Handlers<typeof HsmHealthServiceDefinition> = {};
  readonly audit: Handlers<typeof AuditQueryServiceDefinition> = {};
  readonly billing: Handlers<typeof UsageServiceDefinition> = {
    reportUsage: async ({ records }) => {
      this.usage.push(...records);
      return {};
    },
  };
  readonly services: Record<string, Service> = {};
  private readonly folder = mkdtempSync(join(tmpdir(), 'oneclaw-gateway-'));
  private readonly gateways: Gateway[] = [];

  static async start(): Promise<StubWorld> {
    const world = new StubWorld();
    const { signer } = world.auth;
    world.services['AUTH_SVC_URL'] = await world.auth.start();
    world.services['VAULT_SVC_URL'] = await startStub('vault-svc', signer, [
      part(VaultServiceDefinition, world.vaults),
      part(SecretReadServiceDefinition, world.reads),
      part(SecretWriteServiceDefinition, world.writes),
      part(PolicyServiceDefinition, world.policies),
      part(HsmHealthServiceDefinition, world.hsm),
    ]);
    world.services['BILLING_SVC_URL'] = await startStub('billing-svc', signer, [
      part(UsageServiceDefinition, world.billing),
    ]);
    world.services['AUDIT_SVC_URL'] = await startStub('audit-svc', signer, [
      part(AuditQueryServiceDefinition, world.audit),
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

  async close(): Promise<void> {
    await Promise.all(this.gateways.map((gateway) => gateway.close()));
    await Promise.all(Object.values(this.services).map((service) => service.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
