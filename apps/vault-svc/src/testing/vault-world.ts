import {
  AgentGrantServiceDefinition,
  AgentKeyVaultServiceDefinition,
  ChainAdminServiceDefinition,
  ChainServiceDefinition,
  HsmHealthServiceDefinition,
  KekRotationServiceDefinition,
  OrgHoldServiceDefinition,
  PolicyServiceDefinition,
  SecretReadServiceDefinition,
  SecretWriteServiceDefinition,
  ShareAccessServiceDefinition,
  ShareServiceDefinition,
  VaultCmekServiceDefinition,
  VaultRootKeyServiceDefinition,
  VaultServiceDefinition,
} from '@oneclaw/contracts/vault';
import { runMigrations } from '@oneclaw/database';
import { RpcChannel, createRpcClient, transportSecurity, type Service } from '@oneclaw/rpc';
import { startFakeBillingSvc } from '@oneclaw/rpc/fake-billing-svc';
import { createLogger } from '@oneclaw/telemetry';
import { createTestDatabase } from '@oneclaw/testing';
import pg from 'pg';
import { createApp } from '../app.js';
import type { VaultConfig } from '../config.js';
import { migrations } from '../migrations/index.js';
import { startFakeCryptoSvc } from './fake-crypto-svc.js';

const anyPort = { host: '127.0.0.1', port: 0 };
export const base = {
  ONECLAW_PROFILE: 'local',
  LOG_LEVEL: 'silent',
  TLS_MODE: 'plaintext',
  ADMIN_LISTEN: anyPort,
  GRPC_LISTEN: anyPort,
} as const;

/** Nobody listens there: a service without NATS. */
const NO_NATS = 'nats://127.0.0.1:1';

export type Clients = ReturnType<typeof clientsOf>;
export type Replica = Clients & { service: Service };
export type VaultWorld = Awaited<ReturnType<typeof startVaultWorld>>;

/** A database of its own, a fake crypto-svc, and one replica; more on demand. */
export async function startVaultWorld(overrides: Partial<VaultConfig> = {}) {
  const closing: (() => Promise<unknown> | void)[] = [];
  const database = await createTestDatabase();
  closing.push(() => database.drop());
  const logger = createLogger({ service: 'test', level: 'silent' });
  await runMigrations({ url: database.ownerUrl, migrations, name: 'vault-svc', logger });
  const owner = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
  owner.on('error', () => undefined);
  closing.push(() => owner.end());
  const crypto = await startFakeCryptoSvc(base);
  closing.push(() => crypto.service.close());
  const billing = await startFakeBillingSvc(base);
  closing.push(() => billing.service.close());

  const startReplica = async (): Promise<Replica> => {
    const service = await createApp({
      ...base,
      DATABASE_URL_FILE: database.url,
      DATABASE_POOL_SIZE: 8,
      WRITE_CONCURRENCY: 3,
      NATS_URL_FILE: NO_NATS,
      CRYPTO_SVC_URL: `127.0.0.1:${crypto.service.grpcPort}`,
      BILLING_SVC_URL: `127.0.0.1:${billing.service.grpcPort}`,
      ...overrides,
    });
    const gateway = channelTo(service, 'gateway');
    const auth = channelTo(service, 'auth-svc');
    const operator = channelTo(service, 'operator');
    closing.push(async () => {
      gateway.close();
      auth.close();
      operator.close();
      await service.close();
    });
    return { service, ...clientsOf(gateway, auth, operator) };
  };

  const replica = await startReplica();
  return {
    ...replica,
    database,
    owner,
    crypto,
    keys: crypto.keys,
    billing,
    startReplica,
    close: async () => {
      for (const close of closing.reverse()) await close();
    },
  };
}

function channelTo(service: Service, self: string): RpcChannel {
  const url = `127.0.0.1:${service.grpcPort}`;
  return new RpcChannel({ self, target: 'vault-svc', url, security: transportSecurity(base), timeoutMs: 20_000 });
}

function clientsOf(gateway: RpcChannel, auth: RpcChannel, operator: RpcChannel) {
  return {
    vaults: createRpcClient(VaultServiceDefinition, gateway),
    reads: createRpcClient(SecretReadServiceDefinition, gateway),
    writes: createRpcClient(SecretWriteServiceDefinition, gateway),
    policies: createRpcClient(PolicyServiceDefinition, gateway),
    kekRotations: createRpcClient(KekRotationServiceDefinition, gateway),
    cmek: createRpcClient(VaultCmekServiceDefinition, gateway),
    shares: createRpcClient(ShareServiceDefinition, gateway),
    shareAccess: createRpcClient(ShareAccessServiceDefinition, gateway),
    health: createRpcClient(HsmHealthServiceDefinition, gateway),
    chains: createRpcClient(ChainServiceDefinition, gateway),
    chainAdmin: createRpcClient(ChainAdminServiceDefinition, gateway),
    agentGrants: createRpcClient(AgentGrantServiceDefinition, auth),
    agentKeys: createRpcClient(AgentKeyVaultServiceDefinition, auth),
    orgHolds: createRpcClient(OrgHoldServiceDefinition, auth),
    rootKeys: createRpcClient(VaultRootKeyServiceDefinition, operator),
    agentKeysAsGateway: createRpcClient(AgentKeyVaultServiceDefinition, gateway),
  };
}
