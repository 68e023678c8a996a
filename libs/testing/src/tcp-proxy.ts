import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

/** Stands between a client and a server, and fails as networks and machines do. */
export interface TcpProxy {
  /** The server's URL, by way of the proxy. */
  readonly url: string;
  readonly port: number;
  /** Connections stay open and nothing passes: a hung server. `answers`: requests arrive, answers do not. */
  stall(direction: 'both' | 'answers'): void;
  /** The connections that there are go silent for good, and neither side is told; new ones work. */
  halfOpen(): void;
  /** Everything arrives so much later, in both directions. */
  delay(ms: number): void;
  /** Bytes arrive one by one. */
  trickle(): void;
  /** What a matching request asks for happens; the connection breaks in place of the answer. */
  loseAnswers(matches: (request: Buffer) => boolean): void;
  /** Requests of connections from now on go through a rewriter of their own. Breaks those that there are. */
  rewrite(newRewriter: () => (request: Buffer) => Buffer): void;
  /** Breaks all connections; new ones work. */
  cut(): void;
  /** Breaks all connections and new ones too. */
  refuse(): void;
  /** As if nothing had been; what was stalled is lost with its connections. What is half-open stays so. */
  resume(): void;
  close(): Promise<void>;
}

interface Connection {
  client: Socket;
  upstream: Socket;
  silent: boolean;
  loses: boolean;
  rewriter: ((request: Buffer) => Buffer) | undefined;
}

interface Weather {
  state: 'open' | 'refusing' | 'both' | 'answers';
  delayMs: number;
  trickles: boolean;
  loses: ((request: Buffer) => boolean) | undefined;
  newRewriter: (() => (request: Buffer) => Buffer) | undefined;
}

const FAIR: Weather = { state: 'open', delayMs: 0, trickles: false, loses: undefined, newRewriter: undefined };
/** So many bytes of each piece travel alone; all of them would take the machine's whole time. */
const ALONE = 64;

export async function startTcpProxy(serverUrl: string): Promise<TcpProxy> {
  const target = new URL(serverUrl);
  const connections = new Set<Connection>();
  let weather = FAIR;
  const become = (change: Partial<Weather>) => (weather = { ...weather, ...change });
  const cut = ({ sparingSilent = false } = {}) => {
    for (const connection of connections) {
      if (sparingSilent && connection.silent) continue;
      for (const socket of [connection.client, connection.upstream]) socket.destroy();
      connections.delete(connection);
    }
  };
  const server = createServer((client) => {
    client.on('error', () => undefined);
    if (weather.state === 'refusing') return void client.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    const connection = { client, upstream, silent: false, loses: false, rewriter: weather.newRewriter?.() };
    for (const socket of [client, upstream]) socket.setNoDelay(true);
    connections.add(connection);
    const toServer = new Pipe(upstream, () => weather);
    const toClient = new Pipe(client, () => weather);
    client.on('data', (data) => {
      if (connection.silent || weather.state === 'both') return;
      connection.loses ||= weather.loses?.(data) ?? false;
      toServer.push(connection.rewriter?.(data) ?? data);
    });
    upstream.on('data', (data) => {
      if (connection.silent || weather.state !== 'open') return;
      if (connection.loses) for (const socket of [client, upstream]) socket.destroy();
      else toClient.push(data);
    });
    upstream.on('error', () => client.destroy());
    client.on('close', () => (upstream.end(), connections.delete(connection)));
    upstream.on('close', () => connection.silent || client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.toString(),
    port,
    stall: (direction) => become({ state: direction }),
    halfOpen: () => connections.forEach((connection) => (connection.silent = true)),
    delay: (delayMs) => become({ delayMs }),
    trickle: () => become({ trickles: true }),
    loseAnswers: (loses) => become({ loses }),
    rewrite: (newRewriter) => (become({ newRewriter }), cut()),
    cut: () => cut(),
    refuse: () => (become({ state: 'refusing' }), cut()),
    resume: () => {
      if (weather.state === 'both' || weather.state === 'answers' || weather.newRewriter) cut({ sparingSilent: true });
      weather = FAIR;
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One direction of a connection: in order, however long the pieces take. */
class Pipe {
  private waiting = 0;
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly to: Socket,
    private readonly weather: () => Weather,
  ) {}

  push(data: Buffer): void {
    const { delayMs, trickles } = this.weather();
    if (this.waiting === 0 && delayMs === 0 && !trickles) return void this.write(data);
    this.waiting += 1;
    const due = performance.now() + delayMs;
    this.last = this.last.then(async () => {
      if (due > performance.now()) await sleep(due - performance.now());
      if (trickles) await this.byteByByte(data);
      else this.write(data);
      this.waiting -= 1;
    });
  }

  private async byteByByte(data: Buffer): Promise<void> {
    for (let index = 0; index < Math.min(ALONE, data.length); index += 1) {
      this.write(data.subarray(index, index + 1));
      await turn();
    }
    if (data.length > ALONE) this.write(data.subarray(ALONE));
  }

  private write(data: Buffer): void {
    if (this.to.writable) this.to.write(data);
  }
}
