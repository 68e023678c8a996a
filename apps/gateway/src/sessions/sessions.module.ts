import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { VerificationKeys } from '@oneclaw/caller';
import { NatsLink } from '@oneclaw/events/sessions';
import { LOGGER, type Logger, Metrics, Readiness } from '@oneclaw/telemetry';
import type { GatewayConfig } from '../config.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { BearerStrategy } from './bearer.strategy.js';
import { HeardCache } from './heard-cache.js';
import { RefusalRecorder } from './refusal-recorder.js';
import { SessionResolver } from './session-resolver.js';
import { SessionsService } from './sessions.service.js';

/** Who calls: verification, resolution, and the cache that auth-svc keeps honest over NATS. */
@Global()
@Module({})
export class SessionsModule implements OnApplicationShutdown {
  static with(config: GatewayConfig): DynamicModule {
    const providers = [
      {
        provide: NatsLink,
        inject: [LOGGER, Metrics],
        useFactory: (logger: Logger, metrics: Metrics) =>
          new NatsLink({ url: config.NATS_URL_FILE, name: 'gateway', logger, metrics }),
      },
      {
        provide: HeardCache,
        inject: [NatsLink, Metrics, Readiness],
        useFactory: (nats: NatsLink, metrics: Metrics, readiness: Readiness) =>
          new HeardCache(nats, metrics, readiness),
      },
      {
        provide: SessionsService,
        inject: [AuthClients, HeardCache, LOGGER],
        useFactory: (clients: AuthClients, { cache }: HeardCache, logger: Logger) =>
          new SessionsService(strategy(config, clients), cache, new SessionResolver(clients.sessions), logger),
      },
      {
        provide: RefusalRecorder,
        inject: [AuthClients],
        useFactory: (clients: AuthClients) => new RefusalRecorder(clients.sessions),
      },
    ];
    return { module: SessionsModule, providers, exports: [HeardCache, SessionsService, RefusalRecorder, NatsLink] };
  }

  constructor(
    @Inject(NatsLink) private readonly nats: NatsLink,
    @Inject(HeardCache) private readonly heard: HeardCache,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    this.heard.close();
    await this.nats.close();
  }
}

/** auth-svc names the keys; an unknown `kid` asks again, so a new key generation needs no restart. */
function strategy(config: GatewayConfig, clients: AuthClients): BearerStrategy {
  const keys = new VerificationKeys(async () => {
    const answer = await clients.sessions.listSigningKeys({}, { requestId: 'signing-keys' });
    return answer.keys;
  });
  return new BearerStrategy({ keys, issuer: config.TOKEN_ISSUER, audience: config.TOKEN_AUDIENCE });
}
