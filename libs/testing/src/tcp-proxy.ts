import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and a server, and fails as networks and machines do. */
export interface TcpProxy {
  /** The server's URL, by way of the proxy. */
  readonly url: string;
  /** Connections stay open and nothing passes: a hung server. `answers`: requests arrive, answers do not. */
  stall(direction: 'both' | 'answers'): void;
  /** Breaks all connections; new ones work. */
  cut(): void;
  /** Breaks all connections and new ones too. */
  refuse(): void;
  /** As if nothing had been; what was stalled is lost with its connections. */
  resume(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(serverUrl: string): Promise<TcpProxy> {
  const target = new URL(serverUrl);
  const pairs = new Set<[Socket, Socket]>();
  let state: 'open' | 'refusing' | 'both' | 'answers' = 'open';
  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    pairs.clear();
  };
  const server = createServer((client) => {
    client.on('error', () => undefined);
    if (state === 'refusing') return void client.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    upstream.on('error', () => client.destroy());
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    client.on('data', (data) => state !== 'both' && upstream.write(data));
    upstream.on('data', (data) => state === 'open' && client.write(data));
    client.on('close', () => (upstream.end(), pairs.delete(pair)));
    upstream.on('close', () => client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.toString(),
    stall: (direction) => (state = direction),
    cut,
    refuse: () => ((state = 'refusing'), cut()),
    resume: () => {
      if (state === 'both' || state === 'answers') cut();
      state = 'open';
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
