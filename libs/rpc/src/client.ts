import { Client, connectivityState, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { encode } from '@oneclaw/contracts/encode';
import { unavailable, isDomainError, type DomainError } from '@oneclaw/errors';
import { activeTracing, traced, type Metrics } from '@oneclaw/telemetry';
import { Histogram } from 'prom-client';
import { BLIND_SERVICES } from './call-graph.js';
import { fromServiceError } from './error-detail.js';
import { METADATA } from './metadata-keys.js';
import { methodPath } from './rpc-controller.js';
import type { TransportSecurity } from './transport-security.js';
import type { OutgoingCall, RpcClient, ServiceDefinition } from './types.js';

export interface RpcChannelOptions {
  /** The service that calls. */
  self: string;
  /** The service that is called; its certificate must carry this name. */
  target: string;
  /** `dns:///host:port`, or `host:port,host:port` for a fixed set of replicas. */
  url: string;
  security: TransportSecurity;
  /** For calls whose own deadline is later or absent. Default 5 seconds. */
  timeoutMs?: number;
  metrics?: Metrics;
}

const DEFAULT_TIMEOUT_MS = 5000;
/** Kept back from the caller's deadline, so that our answer still reaches it. */
const HOP_MARGIN_MS = 50;
const ATTEMPTS = 3;
const RETRY_PAUSE_MS = 40;
/** How grpc-js tells that the other end has not looked at a call (HTTP/2's REFUSED_STREAM); there is no other sign of it. */
const REFUSED = 'Stream refused by server';

/**
 * A peer that vanished without a word is noticed by the ping that it does not answer, at most 4 s later, also on a connection that
 * nobody uses: soon enough to make a read under way again before its deadline, and so that no call has to find out. A ping costs
 * two packets of some twenty bytes. Our servers take any number; others may say that there are too many (gRFC A8).
 */
const PING_AFTER_MS = 1500;
/** Not less: processes and networks do stand still for a second or two, and come back. */
const PING_TIMEOUT_MS = 2500;
/** Of the attempts to connect, all of them together: longer than the only replica of a service takes to be replaced. */
const CONNECT_TIMEOUT_MS = 4000;

/** One HTTP/2 channel to one service, balanced over its replicas. Make one per target and share it. */
export class RpcChannel {
  readonly target: string;
  readonly timeoutMs: number;
  private current: Client;
  private closed = false;
  /** Whether it is worth waiting for a connection: since there was one, no search for another was in vain. */
  private patient = true;
  private readonly peer: string | undefined;
  private readonly duration: Histogram<'target' | 'method' | 'code'> | undefined;

  constructor(private readonly options: RpcChannelOptions) {
    this.target = options.target;
    this.timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.duration = options.metrics && clientDuration(options.metrics);
    this.peer = options.security.mode === 'plaintext' ? options.self : undefined;
    this.current = this.newClient();
    this.connectInTime();
  }

  /** Ask again for every call: it is replaced where it does not connect. */
  get client(): Client {
    return this.current;
  }

  /**
   * Whether a call waits until there is a connection (gRPC: wait for ready) instead of failing at once. It has not been sent, so that
   * nothing can happen twice. So nobody notices that replicas are replaced; a service that stays away for longer than a connection may
   * take makes calls fail fast, those that wait already too.
   */
  waits(): boolean {
    return this.patient;
  }

  metadataFor(call: OutgoingCall): Metadata {
    const metadata = new Metadata();
    metadata.set(METADATA.requestId, call.requestId);
    if (this.peer) metadata.set(METADATA.peer, this.peer);
    const trace = activeTracing()?.traceparent();
    if (trace) metadata.set(METADATA.traceparent, trace);
    if (BLIND_SERVICES.has(this.target)) return metadata;
    if (call.clientIp) metadata.set(METADATA.clientIp, call.clientIp);
    if (call.assertion) metadata.set(METADATA.assertion, call.assertion);
    return metadata;
  }

  deadlineFor(call: OutgoingCall): number {
    const own = Date.now() + this.timeoutMs;
    return call.deadline === undefined ? own : Math.min(own, call.deadline - HOP_MARGIN_MS);
  }

  /** Measures a call, its retries included. */
  async measure<T>(method: string, call: () => Promise<T>): Promise<T> {
    if (!this.duration) return call();
    const stop = this.duration.startTimer({ target: this.target, method });
    try {
      const result = await call();
      stop({ code: 'ok' });
      return result;
    } catch (error) {
      stop({ code: isDomainError(error) ? error.code : 'internal' });
      throw error;
    }
  }

  close(): void {
    this.closed = true;
    this.current.close();
  }

  /**
   * An attempt of grpc-js to connect lasts as long as the kernel's: minutes where packets vanish, and for ever where a proxy accepts
   * and passes nothing on. Who is not connected in time starts anew, with a fresh look at the names too.
   * @param connectBy by Date.now(); no later than from now on where there is none yet
   */
  private connectInTime(connectBy = Infinity): void {
    const channel = this.current.getChannel();
    const state = channel.getConnectivityState(false);
    const settled = state === connectivityState.READY || state === connectivityState.IDLE;
    if (state === connectivityState.READY) this.patient = true;
    const deadline = settled ? Infinity : Math.min(connectBy, Date.now() + CONNECT_TIMEOUT_MS);
    channel.watchConnectivityState(state, deadline, (overdue) => {
      if (this.closed) return;
      if (overdue) this.startAnew();
      this.connectInTime(overdue ? Infinity : deadline);
    });
  }

  private startAnew(): void {
    const previous = this.current;
    this.patient = false;
    this.current = this.newClient();
    this.current.getChannel().getConnectivityState(true);
    previous.close();
  }

  private newClient(): Client {
    const { security, target, url } = this.options;
    return new Client(toTarget(url), security.channel(), {
      'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.min_reconnect_backoff_ms': 100,
      // A replica that is back shall soon have its share, before the next one is replaced. To be refused costs nothing.
      'grpc.max_reconnect_backoff_ms': 250,
      'grpc.dns_min_time_between_resolutions_ms': 1000,
      'grpc.keepalive_time_ms': PING_AFTER_MS,
      'grpc.keepalive_timeout_ms': PING_TIMEOUT_MS,
      'grpc.keepalive_permit_without_calls': 1,
      // A new client must not take over the attempts of the one that it replaces.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_receive_message_length': 64 * 1024 * 1024,
      'grpc.max_send_message_length': 64 * 1024 * 1024,
      // Retries are ours, below; there is no retry policy. But a call that the server refused unseen, as one does that is
      // shutting down, is made again at once on another connection (gRFC A6, transparent retries).
      'grpc.enable_retries': 1,
      ...(security.mode === 'mtls'
        ? { 'grpc.ssl_target_name_override': target, 'grpc.default_authority': target }
        : {}),
    });
  }
}

/** A process that has several channels has the metric once. */
function clientDuration({ registry }: Metrics): Histogram<'target' | 'method' | 'code'> {
  const name = 'rpc_client_duration_seconds';
  const known = registry.getSingleMetric(name) as Histogram<'target' | 'method' | 'code'> | undefined;
  return (
    known ??
    new Histogram({
      name,
      help: 'Time from a call to its answer, retries included, by service called, method and error code.',
      labelNames: ['target', 'method', 'code'],
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
      registers: [registry],
    })
  );
}

/**
 * A typed client of one proto service. Within the deadline every call waits for a connection (`RpcChannel.waits`) and is made again when
 * the other end has not looked at it; methods marked NO_SIDE_EFFECTS are made again on every UNAVAILABLE of the transport.
 */
export function createRpcClient<D extends ServiceDefinition>(service: D, channel: RpcChannel): RpcClient<D> {
  const methods = Object.entries(service.methods).map(([name, { requestType, responseType, options }]) => {
    const path = methodPath(service, name);
    const repeatable = options.idempotencyLevel === 'NO_SIDE_EFFECTS';
    const serialize = (request: never) => encode(requestType, requestType.fromPartial(request));
    const deserialize = (bytes: Buffer): unknown => responseType.decode(bytes);
    const once = (request: unknown, call: OutgoingCall, deadline: number) =>
      new Promise((resolve, reject) => {
        const metadata = channel.metadataFor(call);
        metadata.setOptions({ waitForReady: channel.waits() });
        channel.client.makeUnaryRequest(
          path,
          serialize as (value: unknown) => Buffer,
          deserialize,
          request,
          metadata,
          { deadline },
          (error: ServiceError | null, response) => (error ? reject(error) : resolve(response)),
        );
      });
    const method = (request: unknown, call: OutgoingCall) =>
      channel.measure(path, () => withRetries(channel, repeatable, call, (at) => once(request, call, at)));
    const attributes = { 'rpc.system': 'grpc', 'server.address': channel.target };
    return [name, traced({ name: path.slice(1), kind: 'client', attributes }, method)];
  });
  return Object.fromEntries(methods) as RpcClient<D>;
}

async function withRetries<T>(
  channel: RpcChannel,
  repeatable: boolean,
  call: OutgoingCall,
  once: (deadline: number) => Promise<T>,
): Promise<T> {
  const deadline = channel.deadlineFor(call);
  for (let attempt = 1; ; attempt += 1) {
    if (deadline <= Date.now()) throw tooLate(channel.target);
    try {
      return await once(deadline);
    } catch (error) {
      const failure = error as ServiceError;
      const transient = failure.code === status.UNAVAILABLE && failure.metadata?.get(METADATA.error).length === 0;
      const again = transient && (repeatable || failure.details === REFUSED);
      if (!again || attempt >= ATTEMPTS) throw fromServiceError(failure, channel.target);
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS * attempt * (0.5 + Math.random())));
    }
  }
}

function tooLate(target: string): DomainError {
  return unavailable(
    'The service did not answer in time. Try again in a moment.',
    new Error(`deadline spent before calling ${target}`),
  );
}

function toTarget(url: string): string {
  if (!url.includes(',')) return url.includes('://') || url.startsWith('dns:') ? url : `dns:///${url}`;
  return `ipv4:${url
    .split(',')
    .map((entry) => entry.trim().replace(/^dns:\/\/\//, ''))
    .join(',')}`;
}
