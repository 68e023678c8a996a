import { Global, Inject, Module, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import { Readiness } from '@oneclaw/telemetry';
import { HSM, type Hsm } from './hsm.port.js';
import { HsmTelemetry } from './hsm.telemetry.js';
import { HsmStatusGrpc } from './hsm-status.grpc.js';
import { Pkcs11Hsm } from './pkcs11-hsm.js';
import type { PoolOptions } from './pool/pool-options.js';

/** The one HSM of this process. Ready only while it is ok, or degraded and still serving. */
@Global()
@Module({})
export class HsmModule implements OnModuleDestroy {
  constructor(
    @Inject(HSM) private readonly hsm: Hsm,
    readiness: Readiness,
  ) {
    readiness.add('hsm', () => {
      const { status, reason } = hsm.health();
      if (status === 'unavailable') throw new Error(reason ?? 'the HSM is unavailable');
    });
  }

  static with(options: Omit<PoolOptions, 'observer'>): DynamicModule {
    const hsm = {
      provide: HSM,
      inject: [HsmTelemetry],
      useFactory: (telemetry: HsmTelemetry) => telemetry.watch(new Pkcs11Hsm({ ...options, observer: telemetry })),
    };
    return { module: HsmModule, providers: [HsmTelemetry, hsm], controllers: [HsmStatusGrpc], exports: [HSM] };
  }

  onModuleDestroy(): Promise<void> {
    return this.hsm.close();
  }
}
