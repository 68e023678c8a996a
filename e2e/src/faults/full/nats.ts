import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { INFRASTRUCTURE_BACK_MS } from '../deadlines.js';
import type { Fault } from './ground.js';
import { NatsWire } from './nats-wire.js';

const AWAY_MS = 20_000;
const ROUNDS = 6;
/** The trail lags, and nobody notices. */
const common = { backWithinMs: INFRASTRUCTURE_BACK_MS, unfelt: true };

export const NATS: Fault[] = [
  {
    ...common,
    name: `NATS away for ${AWAY_MS / 1000} s`,
    strike: async ({ stack }) => {
      await stack.nats.stop();
      await pause(AWAY_MS);
      return () => stack.nats.start();
    },
  },
  {
    ...common,
    name: `NATS killed ${ROUNDS} times`,
    strike: async ({ stack }, load) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        stack.nats.child.kill('SIGKILL');
        await stack.nats.child.gone();
        await load.begun(10 * round);
        await stack.nats.start();
        await load.begun(10);
      }
      return () => undefined;
    },
  },
  {
    ...common,
    name: 'NATS stopped, and continued',
    strike: async ({ stack }) => {
      stack.nats.child.kill('SIGSTOP');
      await pause(AWAY_MS / 2);
      return () => stack.nats.child.kill('SIGCONT');
    },
  },
  {
    ...common,
    name: 'the store of NATS removed, with events that nobody has had',
    reckoning: { usage: 'lossy' },
    strike: async ({ stack }, load) => {
      await stack.service('audit-svc').kill();
      await load.acknowledged(60);
      await stack.nats.wipeStore();
      return () => stack.service('audit-svc').launch();
    },
  },
  {
    ...common,
    name: 'NATS’s stream of the trail full',
    strike: async ({ stack }, load) => {
      const nats = await NatsWire.connect(stack, 'vault-svc');
      const { max_bytes: room } = await nats.resizeStream('audit_v1', 1);
      await load.acknowledged(100);
      return async () => {
        await nats.resizeStream('audit_v1', room);
        nats.close();
      };
    },
  },
  {
    ...common,
    name: 'malformed messages among the events',
    strike: async ({ stack }, load) => {
      const nats = await NatsWire.connect(stack, 'vault-svc');
      for (const family of ['audit', 'identity', 'mail'])
        for (const payload of [Buffer.alloc(0), Buffer.from('{}'), Buffer.alloc(70, 0xff), randomBytes(500)])
          nats.publish(`${family}.v1.vault-svc`, payload);
      await load.acknowledged(40);
      nats.close();
      return () => undefined;
    },
  },
];
