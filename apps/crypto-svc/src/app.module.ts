import { Module, type DynamicModule } from '@nestjs/common';
import { AgentKeysGrpc } from './agent-keys/agent-keys.grpc.js';
import { AgentKeysService } from './agent-keys/agent-keys.service.js';
import { CmekGrpc } from './cmek/cmek.grpc.js';
import { CmekService } from './cmek/cmek.service.js';
import type { CryptoConfig } from './config.js';
import { DamageAlarm } from './envelope/damage-alarm.js';
import { EnvelopeGrpc } from './envelope/envelope.grpc.js';
import { EnvelopeService } from './envelope/envelope.service.js';
import { HsmModule } from './hsm/hsm.module.js';
import { CheckpointsGrpc } from './signing/checkpoints.grpc.js';
import { CheckpointsService } from './signing/checkpoints.service.js';
import { MacsGrpc } from './signing/macs.grpc.js';
import { MacsService } from './signing/macs.service.js';
import { PublicKeysGrpc } from './signing/public-keys.grpc.js';
import { SigningKeys } from './signing/signing-keys.js';
import { TokensGrpc } from './signing/tokens.grpc.js';
import { TokensService } from './signing/tokens.service.js';
import { TotpGrpc } from './totp/totp.grpc.js';
import { TotpService } from './totp/totp.service.js';

@Module({
  controllers: [EnvelopeGrpc, AgentKeysGrpc, TokensGrpc, MacsGrpc, CheckpointsGrpc, PublicKeysGrpc, TotpGrpc, CmekGrpc],
  providers: [
    DamageAlarm,
    EnvelopeService,
    AgentKeysService,
    SigningKeys,
    TokensService,
    MacsService,
    CheckpointsService,
    TotpService,
    CmekService,
  ],
})
export class AppModule {
  static with(config: CryptoConfig): DynamicModule {
    const hsm = HsmModule.with({
      modulePath: config.PKCS11_MODULE,
      tokenLabel: config.PKCS11_TOKEN_LABEL,
      pin: config.PKCS11_PIN_FILE,
      workers: config.HSM_WORKERS,
      callTimeoutMs: config.HSM_CALL_TIMEOUT,
      maxQueuedJobs: config.HSM_QUEUE_LIMIT,
      kekCacheSize: config.HSM_KEK_CACHE,
    });
    return { module: AppModule, imports: [hsm] };
  }
}
