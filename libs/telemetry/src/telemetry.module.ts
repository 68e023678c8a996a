import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from './logger.js';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';

/** Injection token of the service's Logger. */
export const LOGGER = Symbol('Logger');

/** Makes the logger, the metrics and the readiness of a service injectable everywhere in it. */
@Global()
@Module({})
export class TelemetryModule {
  static with(telemetry: { logger: Logger; metrics: Metrics; readiness: Readiness }): DynamicModule {
    const providers = [
      { provide: LOGGER, useValue: telemetry.logger },
      { provide: Metrics, useValue: telemetry.metrics },
      { provide: Readiness, useValue: telemetry.readiness },
    ];
    return { module: TelemetryModule, providers, exports: providers };
  }
}
