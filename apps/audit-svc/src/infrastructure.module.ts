import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CallerVerifier } from '@oneclaw/caller';
import { createDataSource } from '@oneclaw/database';
import { NatsLink } from '@oneclaw/events';
import { CheckpointServiceDefinition, KeyUse } from '@oneclaw/contracts/crypto';
import { RpcChannel, createRpcClient, transportSecurity, verificationKeysFrom } from '@oneclaw/rpc';
import { LOGGER, type Logger, Metrics } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';
import { CheckpointKeys } from './checkpoints/checkpoint-keys.js';
import { CHECKPOINT_SIGNER } from './checkpoints/checkpoints.service.js';
import { CONFIG, type AuditConfig } from './config.js';

const SELF = 'audit-svc';

const providers = [
  {
    provide: DataSource,
    inject: [CONFIG, LOGGER, Metrics],
    useFactory: (config: AuditConfig, logger: Logger, metrics: Metrics) => {
      const { DATABASE_URL_FILE: url, DATABASE_POOL_SIZE: poolSize } = config;
      return createDataSource({ url, applicationName: SELF, poolSize, logger, metrics });
    },
  },
  {
    provide: NatsLink,
    inject: [CONFIG, LOGGER, Metrics],
    useFactory: (config: AuditConfig, logger: Logger, metrics: Metrics) =>
      new NatsLink({ url: config.NATS_URL_FILE, name: SELF, logger, metrics }),
  },
  {
    provide: RpcChannel,
    inject: [CONFIG, Metrics],
    useFactory: (config: AuditConfig, metrics: Metrics) =>
      new RpcChannel({
        self: SELF,
        target: 'crypto-svc',
        url: config.CRYPTO_SVC_URL,
        security: transportSecurity(config),
        metrics,
      }),
  },
  {
    provide: CallerVerifier,
    inject: [RpcChannel],
    useFactory: (crypto: RpcChannel) => new CallerVerifier(verificationKeysFrom(crypto)),
  },
  {
    provide: CheckpointKeys,
    inject: [RpcChannel],
    useFactory: (crypto: RpcChannel) => new CheckpointKeys(verificationKeysFrom(crypto, KeyUse.CHECKPOINT)),
  },
  {
    provide: CHECKPOINT_SIGNER,
    inject: [RpcChannel],
    useFactory: (crypto: RpcChannel) => createRpcClient(CheckpointServiceDefinition, crypto),
  },
];

/** What the service stands on: database, broker, the HSM's signatures and the keys that verify them. */
@Global()
@Module({})
export class InfrastructureModule {
  static with(config: AuditConfig): DynamicModule {
    const all = [{ provide: CONFIG, useValue: config }, ...providers];
    return { module: InfrastructureModule, providers: all, exports: all };
  }
}
