import { Catch, type DynamicModule, type RpcExceptionFilter, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CallerVerifier } from '@oneclaw/caller';
import type { BaseConfig } from '@oneclaw/config';
import {
  AdminServer,
  Metrics,
  NestLogger,
  Readiness,
  TelemetryModule,
  createLogger,
  startTracing,
  stopTracing,
  type Logger,
} from '@oneclaw/telemetry';
import { type Observable, throwError } from 'rxjs';
import { RpcServer } from './server.js';
import { transportSecurity } from './transport-security.js';
import type { ServiceDefinition } from './types.js';

export interface ServiceOptions {
  /** As in certificates, the call graph and logs: "vault-svc". */
  name: string;
  config: BaseConfig & { GRPC_LISTEN: { host: string; port: number } };
  module: Type | DynamicModule;
  /** The proto services that the module's controllers serve. */
  services: readonly ServiceDefinition[];
  /** Whether calls may carry a caller; the module then provides and exports a CallerVerifier. */
  verifiesCallers: boolean;
}

/** A running gRPC service. */
export interface Service {
  readonly grpcPort: number;
  readonly adminPort: number;
  readonly logger: Logger;
  /** An instance from the service's container, for tests and tools. */
  get<T>(token: Type<T> | symbol | string): T;
  /** Not ready first, then calls in flight end, then modules close in order. */
  close(): Promise<void>;
}

/** Builds and starts a service: logger, metrics, admin port, gRPC server, Nest container. Resolves when it accepts calls. */
export async function createService({
  name,
  config,
  module,
  services,
  verifiesCallers,
}: ServiceOptions): Promise<Service> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, SERVICE_INSTANCE: instance } = config;
  await startTracing({ endpoint, service: name, instance });
  const logger = createLogger({ service: name, instance: config.SERVICE_INSTANCE, level: config.LOG_LEVEL });
  const metrics = new Metrics(name);
  const readiness = new Readiness();
  const security = transportSecurity(config, config.GRPC_LISTEN.host);
  const server = new RpcServer({ services, listen: config.GRPC_LISTEN, security, logger, metrics, readiness });
  const admin = new AdminServer(readiness, metrics);
  const root = { module: ServiceRoot, imports: [TelemetryModule.with({ logger, metrics, readiness }), module] };
  const app = await NestFactory.createMicroservice(root, {
    strategy: server,
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  app.useGlobalFilters(new RethrowFilter());
  if (verifiesCallers) server.callerVerifier = app.get(CallerVerifier, { strict: false });
  const adminPort = await admin.listen(config.ADMIN_LISTEN);
  await app.listen().catch(async (error: unknown) => {
    // What was opened already must not keep the process, or a test, from ending.
    await app.close().catch(() => undefined);
    await admin.close();
    throw error;
  });
  logger.info({ grpcPort: server.port, adminPort, tls: security.mode }, `${name} is up`);
  return {
    grpcPort: server.port,
    adminPort,
    logger,
    get: (token) => app.get(token, { strict: false }),
    close: async () => {
      readiness.drain();
      await app.close();
      await admin.close();
      await stopTracing();
      logger.info(`${name} has stopped`);
    },
  };
}

class ServiceRoot {}

/** Hands errors to RpcServer as they are; Nest's own filter would flatten them. */
@Catch()
class RethrowFilter implements RpcExceptionFilter {
  catch(exception: unknown): Observable<never> {
    return throwError(() => exception);
  }
}
