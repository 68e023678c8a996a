import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Logger, Metrics } from '@oneclaw/telemetry';
import { Gauge } from 'prom-client';

export interface NatsOptions {
  /** nats://user:password@host:port, several separated by commas. */
  url: string;
  /** The service, as seen in the server's connection list and as it may hear answers (`_INBOX.<name>.>`). */
  name: string;
  logger: Logger;
  metrics?: Metrics;
}

type ConnectionListener = (connection: NatsConnection) => void;
type StatusListener = (connected: boolean) => void;

const RETRY_PAUSE_MS = 500;
const DRAIN_TIMEOUT_MS = 2000;

/**
 * The connection to NATS, which comes and goes. It connects for ever in the background and throws into nobody's request:
 * a service starts and works without NATS, and asks `connected` where it matters.
 */
export class NatsLink {
  private current: NatsConnection | undefined;
  private up = false;
  private closed = false;
  private readonly connectionListeners = new Set<ConnectionListener>();
  private readonly statusListeners = new Set<StatusListener>();
  private readonly life: Promise<void>;
  private wake: () => void = () => undefined;

  constructor(private readonly options: NatsOptions) {
    if (options.metrics) this.observe(options.metrics);
    this.life = this.live();
  }

  /** Whether the server is there now, as far as this side knows: a silent death shows after about ten seconds. */
  get connected(): boolean {
    return this.up;
  }

  /** The connection while it is up. Ask again for every use. */
  connection(): NatsConnection | undefined {
    return this.up ? this.current : undefined;
  }

  /** Called with each new connection (now, if there is one), for subscriptions; those survive mere reconnects. */
  onConnection(listener: ConnectionListener): () => void {
    this.connectionListeners.add(listener);
    if (this.current) listener(this.current);
    return () => this.connectionListeners.delete(listener);
  }

  onStatus(listener: StatusListener): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  /** At most once; answers whether it was handed to a live connection. */
  publish(subject: string, payload: Uint8Array): boolean {
    const connection = this.connection();
    try {
      connection?.publish(subject, payload);
    } catch {
      return false; // closed in this very moment
    }
    return connection !== undefined;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.wake();
    const connection = this.current;
    if (connection && this.up) await Promise.race([connection.drain().catch(() => undefined), pause(DRAIN_TIMEOUT_MS)]);
    await connection?.close().catch(() => undefined);
    await this.life;
  }

  private async live(): Promise<void> {
    while (!this.closed) {
      try {
        this.current = await connect(optionsFor(this.options));
        if (this.closed) break;
        await this.follow(this.current);
      } catch (error) {
        this.options.logger.warn(`NATS cannot be reached: ${(error as Error).message}`);
      }
      this.current = undefined;
      this.setUp(false);
      if (!this.closed) await this.pauseOrClose();
    }
    await this.current?.close().catch(() => undefined);
    this.setUp(false);
  }

  /** Until the connection is closed for good. */
  private async follow(connection: NatsConnection): Promise<void> {
    this.setUp(true);
    for (const listener of this.connectionListeners) listener(connection);
    for await (const status of connection.status()) {
      if (status.type === 'disconnect' || status.type === 'staleConnection') this.setUp(false);
      else if (status.type === 'reconnect') this.setUp(true);
      else if (status.type === 'error') this.options.logger.warn(`NATS: ${status.error.message}`);
    }
    const error = await connection.closed();
    if (error) this.options.logger.warn(`the NATS connection ended: ${error.message}`);
  }

  private setUp(up: boolean): void {
    if (this.up === up) return;
    this.up = up;
    this.options.logger[up || this.closed ? 'info' : 'warn'](up ? 'NATS is connected' : 'NATS is disconnected');
    for (const listener of this.statusListeners) listener(up);
  }

  private async pauseOrClose(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_PAUSE_MS);
      this.wake = () => (clearTimeout(timer), resolve());
    });
  }

  private observe(metrics: Metrics): void {
    const isUp = () => (this.up ? 1 : 0);
    new Gauge({
      name: 'nats_connected',
      help: 'Whether this process is connected to NATS.',
      registers: [metrics.registry],
      collect() {
        this.set(isUp());
      },
    });
  }
}

function optionsFor({ url, name }: NatsOptions) {
  const urls = url.split(',').map((each) => new URL(each.trim()));
  const [first] = urls;
  return {
    servers: urls.map((each) => each.host),
    name,
    // Answers come to a subject of the service's own: nobody else is permitted to hear them.
    inboxPrefix: `_INBOX.${name}`,
    ...(first?.username ? { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) } : {}),
    ...(first?.protocol === 'tls:' ? { tls: {} } : {}),
    timeout: 3000,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    ignoreAuthErrorAbort: true,
    pingInterval: 4000,
    maxPingOut: 2,
    // A stack trace for each request, taken before it can fail, was one part in fifty of the gateway's work.
    noAsyncTraces: true,
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
