import { setTimeout as pause } from 'node:timers/promises';
import { SERVICE_NAMES, type ServiceName } from '@oneclaw/stack';
import { INFRASTRUCTURE_BACK_MS, SERVICE_BACK_MS } from '../deadlines.js';
import type { Fault, Ground, Link, Peer } from './ground.js';
import { confuseEvents } from './nats-wire.js';

const SLOW_MS = 250;
const STALLED_MS = 6000;
const SOME = 15;

/** Who calls whom: the services' call graph, and who has a database and a part in the events. */
const PEERS: Record<ServiceName, readonly Peer[]> = {
  gateway: ['auth-svc', 'vault-svc', 'billing-svc', 'audit-svc', 'nats'],
  'auth-svc': ['crypto-svc', 'vault-svc', 'billing-svc', 'postgres', 'nats'],
  'vault-svc': ['crypto-svc', 'billing-svc', 'postgres', 'nats'],
  'audit-svc': ['crypto-svc', 'postgres', 'nats'],
  'billing-svc': ['crypto-svc', 'postgres', 'nats'],
  'crypto-svc': [],
};
const CALLERS = SERVICE_NAMES.filter((name) => PEERS[name].length > 0);

/** Connections of one service that fail together. */
interface Side {
  name: string;
  backWithinMs: number;
  links(ground: Ground): Link[];
}

/** Apart, for those to services have to be back sooner. */
const SIDES: Side[] = CALLERS.flatMap((from) => {
  const side = (name: string, backWithinMs: number, infrastructure: boolean): Side => ({
    name: `${from}’s connections to ${name}`,
    backWithinMs,
    links: (ground) =>
      ground.links.filter((link) => link.from === from && isInfrastructure(link.to) === infrastructure),
  });
  const services = side('services', SERVICE_BACK_MS, false);
  const infrastructure = side(
    PEERS[from].filter(isInfrastructure).map(named).join(' and '),
    INFRASTRUCTURE_BACK_MS,
    true,
  );
  return [services, infrastructure];
});

export const NETWORK: Fault[] = [
  ...CALLERS.flatMap((from) => PEERS[from].map((to) => rough(from, to))),
  ...SIDES.map(halfOpen),
  ...SIDES.map(stalled),
  {
    name: 'Postgres’s answers to commits lost',
    backWithinMs: INFRASTRUCTURE_BACK_MS,
    strike: async (ground, load) => {
      const proxies = ground.links.filter(({ to }) => to === 'postgres').map(({ proxy }) => proxy);
      for (const proxy of proxies) proxy.loseAnswers((request) => request.includes('COMMIT'));
      await load.failed(40);
      return () => proxies.forEach((proxy) => proxy.resume());
    },
  },
  {
    name: 'Postgres’s answers to inserts lost',
    backWithinMs: INFRASTRUCTURE_BACK_MS,
    strike: async (ground, load) => {
      const proxies = ground.links.filter(({ to }) => to === 'postgres').map(({ proxy }) => proxy);
      let count = 0;
      for (const proxy of proxies)
        proxy.loseAnswers((request) => request.includes('INSERT INTO') && (count += 1) % 3 === 0);
      await load.failed(20);
      return () => proxies.forEach((proxy) => proxy.resume());
    },
  },
  {
    name: 'events duplicated and out of order',
    backWithinMs: INFRASTRUCTURE_BACK_MS,
    unfelt: true,
    strike: async (ground, load) => {
      const proxies = (['vault-svc', 'auth-svc', 'billing-svc'] as const).map((from) => ground.link(from, 'nats'));
      for (const proxy of proxies) proxy.rewrite(confuseEvents);
      await load.acknowledged(200);
      return () => proxies.forEach((proxy) => proxy.resume());
    },
  },
];

/** Slow, byte by byte, broken again and again. */
function rough(from: ServiceName, to: Peer): Fault {
  return {
    name: `${from} to ${named(to)}: slow, byte by byte, cut`,
    backWithinMs: backWithin(to),
    strike: async (ground, load) => {
      const link = ground.link(from, to);
      link.delay(SLOW_MS);
      await load.begun(SOME);
      link.resume();
      link.trickle();
      await load.begun(SOME);
      link.resume();
      for (let cut = 0; cut < 3; cut += 1) {
        link.cut();
        await load.begun(SOME);
      }
      link.refuse();
      await load.begun(SOME);
      return () => link.resume();
    },
  };
}

/** All connections go silent at once, as when a machine between them vanishes; new ones work. */
function halfOpen({ name, links, backWithinMs }: Side): Fault {
  return {
    name: `${name}: half-open`,
    backWithinMs,
    load: { newcomers: true },
    strike: async (ground) => {
      for (const { proxy } of links(ground)) proxy.halfOpen();
      return () => undefined;
    },
  };
}

function stalled({ name, links, backWithinMs }: Side): Fault {
  return {
    name: `${name}: nothing passes`,
    backWithinMs,
    load: { newcomers: true },
    strike: async (ground) => {
      for (const { proxy } of links(ground)) proxy.stall('both');
      await pause(STALLED_MS);
      return () => links(ground).forEach(({ proxy }) => proxy.resume());
    },
  };
}

function isInfrastructure(peer: Peer): boolean {
  return peer === 'postgres' || peer === 'nats';
}

function backWithin(to: Peer): number {
  return isInfrastructure(to) ? INFRASTRUCTURE_BACK_MS : SERVICE_BACK_MS;
}

function named(peer: Peer): string {
  return { postgres: 'Postgres', nats: 'NATS' }[peer as string] ?? peer;
}
