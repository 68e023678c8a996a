import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  AdminServer,
  Metrics,
  NestLogger,
  Readiness,
  TelemetryModule,
  createLogger,
  startTracing,
  stopTracing,
} from '@oneclaw/telemetry';
import type { GatewayConfig } from './config.js';
import { GatewayModule } from './gateway.module.js';
import { firstContact } from './health/first-contact.js';
import { baseHeaders } from './http/base-headers.js';
import { createFastify } from './http/fastify.js';
import { httpsSettings, startHttps } from './http/https-server.js';
import { ProblemFilter } from './http/problem.filter.js';
import { SocketErrors } from './http/socket-errors.js';
import { OPERATIONS } from './operations.js';
import { registerWrongMethods } from './pipeline/find-route.js';
import { registerPipeline } from './pipeline/pipeline.js';
import { pipelineSteps } from './pipeline/steps.js';
import { AuthClients } from './upstreams/auth-clients.js';
import { VaultClients } from './upstreams/vault-clients.js';
import { Leases } from './quota/leases.js';
import { UsageRecorder } from './usage/usage-recorder.js';

export interface Gateway {
  readonly httpPort: number;
  /** Where HTTPS is configured. */
  readonly httpsPort?: number;
  readonly adminPort: number;
  /** Not ready first, then requests under way end, then usage is handed over, then connections close. */
  close(): Promise<void>;
}

/** Builds and starts the gateway. Resolves when it accepts requests. */
export async function createApp(config: GatewayConfig): Promise<Gateway> {
  const settings = httpsSettings(config);
  await startTracing({
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    service: 'gateway',
    instance: config.SERVICE_INSTANCE,
    share: config.OTEL_TRACES_SAMPLER_ARG,
  });
  const logger = createLogger({ service: 'gateway', instance: config.SERVICE_INSTANCE, level: config.LOG_LEVEL });
  const telemetry = { logger, metrics: new Metrics('gateway'), readiness: new Readiness() };
  const errors = new SocketErrors(baseHeaders(config.PUBLIC_URL), logger);
  const server = createFastify({ bodyLimitBytes: config.BODY_LIMIT_BYTES, errors });
  const root = { module: GatewayRoot, imports: [TelemetryModule.with(telemetry), GatewayModule.with(config)] };
  const app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter(server as never), {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(logger));
  const steps = pipelineSteps(app, config, telemetry);
  registerPipeline(server, steps);
  registerWrongMethods(server, OPERATIONS);
  // After the last request and before Nest closes the channels.
  server.addHook('onClose', async () => {
    await app.get(UsageRecorder).close();
    await app.get(Leases).close();
  });
  const upstreams = [app.get(AuthClients).channel, app.get(VaultClients).channel];
  telemetry.readiness.add('upstreams', firstContact(upstreams));
  const admin = new AdminServer(telemetry.readiness, telemetry.metrics);
  const adminPort = await admin.listen(config.ADMIN_LISTEN);
  await app.listen(config.HTTP_LISTEN.port, config.HTTP_LISTEN.host);
  const { port: httpPort } = app.getHttpServer().address() as AddressInfo;
  const https = settings && (await startHttps(server, errors, settings));
  telemetry.readiness.serve();
  const ports = { httpPort, adminPort, ...(https ? { httpsPort: https.port } : {}) };
  logger.info(ports, 'gateway is up');
  return {
    ...ports,
    close: async () => {
      telemetry.readiness.drain();
      await Promise.all([https?.close(), app.close()]);
      steps.close();
      await admin.close();
      await stopTracing();
      logger.info('gateway has stopped');
    },
  };
}

class GatewayRoot {}
