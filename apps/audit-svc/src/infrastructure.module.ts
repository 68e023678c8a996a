import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CallerVerifier } from '@oneclaw/caller';
import { databaseProvider } from '@oneclaw/database';
import { natsLinkProvider } from '@oneclaw/events';
import { CheckpointServiceDefinition, KeyUse } from '@oneclaw/contracts/crypto';
import { RpcChannel, channelProvider, createRpcClient, verificationKeysFrom } from '@oneclaw/rpc';
import { CheckpointKeys } from './checkpoints/checkpoint-keys.js';
import { CHECKPOINT_SIGNER } from './checkpoints/checkpoints.service.js';
import { CONFIG, type AuditConfig } from './config.js';

const SELF = 'audit-svc';

const providers = [
  databaseProvider(SELF, CONFIG),
  natsLinkProvider(SELF, CONFIG),
  channelProvider(RpcChannel, CONFIG, 'CRYPTO_SVC_URL', { self: SELF, target: 'crypto-svc' }),
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
