import { setTimeout as pause } from 'node:timers/promises';
import { SERVICE_NAMES, type ServiceName } from '@oneclaw/stack';
import { SERVICE_BACK_MS } from '../deadlines.js';
import type { Fault } from './ground.js';

/** Longer than any call between services may take. */
const STOPPED_MS = 7000;
/** A gateway that hangs has its users hang, and they wait for ten seconds at most. */
const GATEWAY_STOPPED_MS = 3000;
const FELT = 20;

export const SERVICES: Fault[] = [
  ...SERVICE_NAMES.map(killed),
  ...SERVICE_NAMES.map(stopped),
  ...SERVICE_NAMES.filter((name) => name !== 'gateway').map(restarted),
  {
    name: 'all services killed at once',
    backWithinMs: SERVICE_BACK_MS,
    disconnects: true,
    strike: async ({ stack }, load) => {
      await Promise.all(stack.services.map((service) => service.kill()));
      await load.begun(FELT);
      return () => Promise.all(stack.services.map((service) => service.launch()));
    },
  },
];

/** The only one of its kind: whoever calls it waits until it is back, if that is soon. */
function restarted(name: ServiceName): Fault {
  return {
    name: `${name} restarted`,
    backWithinMs: SERVICE_BACK_MS,
    strike: async ({ stack }) => {
      await stack.service(name).restart();
      return () => undefined;
    },
  };
}

function killed(name: ServiceName): Fault {
  return {
    name: `${name} killed`,
    backWithinMs: SERVICE_BACK_MS,
    disconnects: name === 'gateway',
    strike: async ({ stack }, load) => {
      await stack.service(name).kill();
      await load.begun(FELT);
      return () => stack.service(name).launch();
    },
  };
}

function stopped(name: ServiceName): Fault {
  return {
    name: `${name} stopped, and continued`,
    backWithinMs: SERVICE_BACK_MS,
    strike: async ({ stack }) => {
      await stack.service(name).kill('SIGSTOP');
      await pause(name === 'gateway' ? GATEWAY_STOPPED_MS : STOPPED_MS);
      return () => stack.service(name).kill('SIGCONT');
    },
  };
}
