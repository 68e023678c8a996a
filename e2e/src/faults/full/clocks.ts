import { SERVICE_NAMES, type ServiceName } from '@oneclaw/stack';
import { SERVICE_BACK_MS } from '../deadlines.js';
import type { Fault } from './ground.js';

const FIVE_MINUTES_S = 300;
const SOME = 100;

export const CLOCKS: Fault[] = SERVICE_NAMES.flatMap((name) => [
  wrong(name, 'ahead', FIVE_MINUTES_S),
  wrong(name, 'behind', -FIVE_MINUTES_S),
]);

function wrong(name: ServiceName, direction: string, seconds: number): Fault {
  return {
    name: `the clock of ${name} five minutes ${direction}, and right again`,
    backWithinMs: SERVICE_BACK_MS,
    strike: async ({ clocks }, load) => {
      clocks.set(name, seconds);
      await load.begun(SOME);
      return () => clocks.set(name, 0);
    },
  };
}
