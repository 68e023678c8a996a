import { locateNativeTools, SERVICE_NAMES, type ServiceName, type Stack, type StackOptions } from '@oneclaw/stack';
import { FaultyClocks, FaultyModule, FullDisk, startTcpProxy, type TcpProxy } from '@oneclaw/testing';
import { faultStack } from '../fault-stack.js';
import type { Ledger } from '../ledger.js';
import type { Load, LoadOptions } from '../load.js';
import type { ReckoningOptions } from '../reckoning.js';

export type Peer = ServiceName | 'postgres' | 'nats';

export interface Link {
  from: ServiceName;
  to: Peer;
  proxy: TcpProxy;
}

/** A stack, and everything in it that can be made to fail. */
export class Ground {
  private constructor(
    readonly stack: Stack,
    readonly device: FaultyModule,
    readonly disk: FullDisk,
    readonly clocks: FaultyClocks,
    /** Between services, and from them to Postgres and NATS; none where they are not linked by proxies. */
    readonly links: readonly Link[],
  ) {}

  static async open({ linked = false, replicas }: Terrain): Promise<Ground> {
    const device = new FaultyModule(locateNativeTools().pkcs11Module);
    device.countNoCalls();
    const disk = new FullDisk();
    const clocks = new FaultyClocks();
    const links: Link[] = [];
    const link: StackOptions['link'] = async (from, to, port) => {
      const proxy = await startTcpProxy(`tcp://127.0.0.1:${port}`);
      links.push({ from, to, proxy });
      return proxy.port;
    };
    const env: StackOptions['env'] = Object.fromEntries(SERVICE_NAMES.map((name) => [name, clocks.env(name)]));
    env['crypto-svc'] = { ...env['crypto-svc'], PKCS11_MODULE: device.path };
    env.postgres = disk.env;
    const options = { durable: true, env, ...(linked ? { link } : {}), ...(replicas ? { replicas } : {}) };
    try {
      return new Ground(await faultStack(options), device, disk, clocks, links);
    } catch (error) {
      await discard(device, disk, clocks, links);
      throw error;
    }
  }

  link(from: ServiceName, to: Peer): TcpProxy {
    const found = this.links.find((each) => each.from === from && each.to === to);
    if (!found) throw new Error(`There is no link from ${from} to ${to}.`);
    return found.proxy;
  }

  async close(): Promise<void> {
    await this.stack.stop();
    await discard(this.device, this.disk, this.clocks, this.links);
  }
}

async function discard(
  device: FaultyModule,
  disk: FullDisk,
  clocks: FaultyClocks,
  links: readonly Link[],
): Promise<void> {
  for (const each of [device, disk, clocks]) each.destroy();
  await Promise.all(links.map(({ proxy }) => proxy.close()));
}

/** What a ground is like. */
export interface Terrain {
  name: string;
  /** Every connection between services, to Postgres and to NATS goes through a proxy. */
  linked?: boolean;
  replicas?: StackOptions['replicas'];
}

/** Undoes what a fault did, or sets going what does. */
export type Heal = () => unknown;

export interface Fault {
  name: string;
  /** How soon after healing everything has to work. */
  backWithinMs: number;
  /** Breaks something while the load goes on, lets it be broken for a while, and answers how to heal it. */
  strike(ground: Ground, load: Load, ledger: Ledger): Promise<Heal>;
  /** Connections of users break: the gateway itself dies. */
  disconnects?: boolean;
  /** Nobody may notice. */
  unfelt?: boolean;
  reckoning?: ReckoningOptions;
  load?: LoadOptions;
}
