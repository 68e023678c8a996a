import { Server, type ServerUnaryCall, type UntypedServiceImplementation, type sendUnaryData } from '@grpc/grpc-js';
import { Server as NestServer, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { statementRefusal, TokenRefused, type CallerVerifier } from '@oneclaw/caller';
import { encode } from '@oneclaw/contracts/encode';
import { isDomainError, permissionDenied } from '@oneclaw/errors';
import type { Logger, Metrics, Readiness } from '@oneclaw/telemetry';
import { Histogram } from 'prom-client';
import { isObservable, lastValueFrom } from 'rxjs';
import { allowedCallers } from './call-graph.js';
import { toServiceError } from './error-detail.js';
import { HealthService } from './health-service.js';
import { METADATA } from './metadata-keys.js';
import { peerOf } from './peer.js';
import { methodPath } from './rpc-controller.js';
import type { TransportSecurity } from './transport-security.js';
import { tracedHandler } from './traced-handler.js';
import type { CallContext, ServiceDefinition } from './types.js';

export interface RpcServerOptions {
  services: readonly ServiceDefinition[];
  listen: { host: string; port: number };
  security: TransportSecurity;
  logger: Logger;
  metrics: Metrics;
  readiness: Readiness;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': 64 * 1024 * 1024,
  'grpc.max_send_message_length': 64 * 1024 * 1024,
  // Clients reconnect now and then, so that new replicas get their share of the load.
  'grpc.max_connection_age_ms': 300_000,
  'grpc.max_connection_age_grace_ms': 30_000,
};

type Call = ServerUnaryCall<unknown, unknown>;

/** Nest's transport for our gRPC services: static codecs, caller allow-list, verified caller, deadlines, error trailers. */
export class RpcServer extends NestServer implements CustomTransportStrategy {
  readonly health: HealthService;
  /** Set by createService when the module offers a CallerVerifier. */
  callerVerifier: CallerVerifier | undefined;
  port = 0;

  private readonly grpc = new Server(CHANNEL_OPTIONS);
  private readonly duration: Histogram;

  constructor(private readonly options: RpcServerOptions) {
    super();
    this.health = new HealthService(options.readiness, options.services);
    this.duration = new Histogram({
      name: 'rpc_server_duration_seconds',
      help: 'Time from the receipt of a call to its answer, by method and error code.',
      labelNames: ['method', 'code'],
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
      registers: [options.metrics.registry],
    });
  }

  listen(callback: (error?: unknown) => void): void {
    for (const service of this.options.services) this.register(service);
    this.health.addTo(this.grpc);
    const { host, port } = this.options.listen;
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    this.grpc.bindAsync(address, this.options.security.server(), (error, bound) => {
      if (error) return callback(error);
      this.port = bound;
      this.options.readiness.serve();
      this.health.start();
      callback();
    });
  }

  /** Lets calls in flight end, for at most 10 seconds. */
  async close(): Promise<void> {
    this.health.stop();
    const force = setTimeout(() => this.grpc.forceShutdown(), 10_000);
    await new Promise<void>((resolve) => this.grpc.tryShutdown(() => resolve()));
    clearTimeout(force);
  }

  on(): never {
    throw new Error('this transport emits no events');
  }

  unwrap<T>(): T {
    return this.grpc as T;
  }

  private register(service: ServiceDefinition): void {
    const callers = allowedCallers(service.fullName);
    const implementation: UntypedServiceImplementation = {};
    const definition: Record<string, object> = {};
    for (const [method, { requestType, responseType }] of Object.entries(service.methods)) {
      const path = methodPath(service, method);
      const handler = this.getHandlerByPattern(path);
      if (!handler) throw new Error(`no controller serves ${path}`);
      definition[method] = {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: (value: never) => encode(requestType, value),
        requestDeserialize: (bytes: Buffer) => requestType.decode(bytes),
        responseSerialize: (value: never) => encode(responseType, responseType.fromPartial(value)),
        responseDeserialize: (bytes: Buffer) => responseType.decode(bytes),
      };
      implementation[method] = tracedHandler(path, (call: Call, respond: sendUnaryData<unknown>) => {
        void this.handle(path, callers, handler, call, respond);
      });
    }
    this.grpc.addService(definition as never, implementation);
  }

  private async handle(
    path: string,
    callers: ReadonlySet<string>,
    handler: MessageHandler,
    call: Call,
    respond: sendUnaryData<unknown>,
  ): Promise<void> {
    const stop = this.duration.startTimer({ method: path });
    try {
      const context = await this.contextOf(call, callers, path);
      const result: unknown = await handler(call.request, context);
      // Nest answers with an observable only on its error path.
      const response = isObservable(result) ? await lastValueFrom(result) : result;
      stop({ code: 'ok' });
      respond(null, response);
    } catch (error) {
      stop({ code: isDomainError(error) ? error.code : 'internal' });
      this.logFailure(path, call, error);
      respond(toServiceError(error));
    }
  }

  private async contextOf(call: Call, callers: ReadonlySet<string>, path: string): Promise<CallContext> {
    const peer = peerOf(call, this.options.security.mode);
    if (!callers.has(peer)) throw permissionDenied(`${peer || 'An unknown peer'} may not call ${path}.`);
    const assertion = first(call, METADATA.assertion);
    const deadline = call.getDeadline();
    const deadlineMs = typeof deadline === 'number' ? deadline : deadline.getTime();
    return {
      requestId: first(call, METADATA.requestId) ?? '',
      clientIp: first(call, METADATA.clientIp) ?? '',
      deadline: Number.isFinite(deadlineMs) ? deadlineMs : Date.now() + DEFAULT_TIMEOUT_MS,
      peer,
      assertion,
      caller: assertion && this.callerVerifier ? await this.verify(assertion, this.callerVerifier) : undefined,
    };
  }

  private async verify(assertion: string, verifier: CallerVerifier) {
    try {
      return await verifier.verify(assertion);
    } catch (error) {
      if (error instanceof TokenRefused) throw statementRefusal(error);
      throw error;
    }
  }

  private logFailure(path: string, call: Call, error: unknown): void {
    const requestId = first(call, METADATA.requestId);
    const { logger } = this.options;
    if (!isDomainError(error) || error.code === 'internal')
      logger.error({ err: error, path, requestId }, 'a call failed');
    else if (error.code === 'unavailable') logger.warn({ path, requestId, cause: causeOf(error) }, error.message);
    else logger.debug({ path, requestId, code: error.code }, 'a call was refused');
  }
}

function first(call: Call, key: string): string | undefined {
  const [value] = call.metadata.get(key);
  return value === undefined ? undefined : String(value);
}

function causeOf(error: Error): string | undefined {
  return error.cause instanceof Error ? error.cause.message : undefined;
}
