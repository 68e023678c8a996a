import { SERVICE_NAMES, type ServiceName } from '@oneclaw/stack';
import { SERVICE_BACK_MS } from '../deadlines.js';
import type { Fault } from './ground.js';

export const ROLLOUTS: Fault[] = [
  ...SERVICE_NAMES.filter((name) => name !== 'gateway').map(rolled),
  {
    name: 'the other gateway restarted',
    backWithinMs: SERVICE_BACK_MS,
    unfelt: true,
    strike: async ({ stack }) => {
      await stack.service('gateway', 1).restart();
      return () => undefined;
    },
  },
  ...SERVICE_NAMES.filter((name) => name !== 'gateway').map((name): Fault => ({
    name: `one of two ${name} killed`,
    backWithinMs: SERVICE_BACK_MS,
    strike: async ({ stack }, load) => {
      await stack.service(name, 0).kill();
      await load.begun(40);
      return () => stack.service(name, 0).launch();
    },
  })),
];

/** As an orchestrator does it: the next one only when the one before is ready again. */
function rolled(name: ServiceName): Fault {
  return {
    name: `${name}, two of them, restarted one after the other`,
    backWithinMs: SERVICE_BACK_MS,
    unfelt: true,
    strike: async ({ stack }) => {
      for (const index of [0, 1]) await stack.service(name, index).restart();
      return () => undefined;
    },
  };
}
