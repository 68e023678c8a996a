import { setTimeout as pause } from 'node:timers/promises';
import type { CKR } from '@oneclaw/testing';
import { INFRASTRUCTURE_BACK_MS, SERVICE_BACK_MS } from '../deadlines.js';
import type { Fault } from './ground.js';

const SOME = 40;
const FELT = 20;
const LASTS_MS = 4000;
const HUNG_MS = 30_000;
const common = { backWithinMs: INFRASTRUCTURE_BACK_MS };

const ONCE = ['C_Decrypt', 'C_Encrypt', 'C_Sign', 'C_DecryptInit', 'C_UnwrapKey'] as const;
const ERRORS: [string, keyof typeof CKR][] = [
  ['a device', 'DEVICE_ERROR'],
  ['a session', 'SESSION_HANDLE_INVALID'],
  ['a login', 'USER_NOT_LOGGED_IN'],
  ['a key-handle', 'KEY_HANDLE_INVALID'],
  ['an object-handle', 'OBJECT_HANDLE_INVALID'],
];

export const HSM: Fault[] = [
  {
    ...common,
    name: 'the HSM fails in single calls',
    unfelt: true,
    strike: async ({ device }, load) => {
      for (const name of ONCE) {
        device.start('fail-once', name);
        await load.begun(SOME);
        device.stop('fail-once', name);
      }
      return () => undefined;
    },
  },
  ...ERRORS.map(([kind, error]): Fault => ({
    ...common,
    name: `the HSM answers every call with ${kind} error`,
    strike: async ({ device }, load) => {
      device.failWith('any', error);
      await load.failed(FELT);
      await pause(LASTS_MS);
      return () => device.stop('fail', 'any');
    },
  })),
  {
    ...common,
    name: 'the HSM fails in every third call',
    strike: async ({ device }, load) => {
      device.start('fail-third', 'any');
      await load.begun(2 * SOME);
      return () => device.stop('fail-third', 'any');
    },
  },
  {
    ...common,
    name: 'the HSM takes 300 ms more for every call',
    strike: async ({ device }, load) => {
      device.slow('any', 300);
      await load.begun(2 * SOME);
      return () => device.stop('slow', 'any');
    },
  },
  {
    ...common,
    name: `the HSM hangs for ${HUNG_MS / 1000} s`,
    strike: async ({ device }) => {
      device.start('hang', 'any');
      await pause(HUNG_MS);
      return () => device.stop('hang', 'any');
    },
  },
  {
    ...common,
    name: 'the HSM’s token absent, and back',
    strike: async ({ stack }, load) => {
      stack.token.hide();
      await load.failed(FELT);
      await pause(LASTS_MS);
      return () => stack.token.restore();
    },
  },
  {
    ...common,
    name: 'the root key missing at a start, and back',
    strike: async ({ stack, device }, load) => {
      device.hideKeys('oneclaw-root');
      await stack.service('crypto-svc').kill();
      await stack.service('crypto-svc').launch();
      await load.failed(FELT);
      await pause(LASTS_MS);
      return () => device.showKeys();
    },
  },
  {
    name: 'a wrong PIN, until a restart with the right one',
    backWithinMs: SERVICE_BACK_MS,
    strike: async ({ stack, device }, load) => {
      device.failWith('C_Login', 'PIN_INCORRECT');
      await stack.service('crypto-svc').kill();
      await stack.service('crypto-svc').launch();
      await load.failed(FELT);
      await pause(LASTS_MS);
      return async () => {
        device.stop('fail', 'C_Login');
        await stack.service('crypto-svc').kill();
        await stack.service('crypto-svc').launch();
      };
    },
  },
  ...(['C_Decrypt', 'C_Encrypt', 'C_Sign'] as const).map((name): Fault => ({
    ...common,
    name: `the HSM gives wrong answers to ${name}`,
    ...(name === 'C_Sign' ? { reckoning: { refusedLogins: true } } : {}),
    strike: async ({ device }, load) => {
      device.start('corrupt', name);
      await load.begun(2 * SOME);
      return () => device.stop('corrupt', name);
    },
  })),
];
