import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { locateNativeTools, type Stack } from '@oneclaw/stack';
import { FaultyModule } from '@oneclaw/testing';
import type { Answer } from '../answer.js';
import { eventually } from '../eventually.js';
import { gatewayOf } from '../stacks.js';
import type { Secret } from '../types.js';
import { secretUrl } from '../world.js';
import { faultStack } from './fault-stack.js';
import { Ledger } from './ledger.js';
import { Load, newTenants, type Tenant } from './load.js';
import { reckon } from './reckoning.js';

const SCENARIO_MS = 120_000;
const NOTICED_MS = 10_000;
const BACK_MS = 30_000;
/** No user waits longer. */
const PATIENCE_MS = 10_000;
/** Between rounds of questions, while an outage lasts. */
const BREATH_MS = 300;
const VALUE = 'kept by the HSM';

let device: FaultyModule;
let stack: Stack;
let tenant: Tenant;

beforeAll(async () => {
  device = new FaultyModule(locateNativeTools().pkcs11Module);
  stack = await faultStack({ env: { 'crypto-svc': { PKCS11_MODULE: device.path } } });
  [tenant] = (await newTenants(gatewayOf(stack), 1)) as [Tenant];
  (await tenant.owner.api.put(secretUrl(tenant.vault, 'a'), { value: VALUE })).as(201);
});

afterAll(async () => {
  await stack?.stop();
  device?.destroy();
});

interface Outage {
  name: string;
  seconds: number;
  start: () => void;
  end: () => void;
}

const OUTAGES: Outage[] = [
  // First, as long as it is: nobody's session is about to end then, and be asked for again.
  {
    name: 'the HSM answers no call',
    seconds: 30,
    start: () => device.start('hang', 'any'),
    end: () => device.stop('hang', 'any'),
  },
  { name: 'the token is gone', seconds: 3, start: () => stack.token.hide(), end: () => stack.token.restore() },
  {
    name: 'the HSM answers every call with an error',
    seconds: 3,
    start: () => device.start('fail', 'any'),
    end: () => device.stop('fail', 'any'),
  },
];

/** Sends all at once; none may take longer than a user waits. */
async function timely(...requests: Promise<Answer>[]): Promise<Answer[]> {
  const start = performance.now();
  const answers = await Promise.all(requests);
  expect(performance.now() - start).toBeLessThan(PATIENCE_MS);
  return answers;
}

const read = (): Promise<Answer> => tenant.owner.api.get(secretUrl(tenant.vault, 'a'));
const write = (path: string): Promise<Answer> =>
  tenant.owner.api.put(secretUrl(tenant.vault, path), { value: 'written in vain' });

function expectUnavailable(answer: Answer): void {
  answer.refused(503);
  expect(answer.header('retry-after')).toMatch(/^[1-9]\d*$/);
}

/** What works without the HSM, for those who were active when it went: nobody new can be vouched for. */
async function expectTheRestToAnswer(): Promise<void> {
  const { owner, agent, vault } = tenant;
  const answers = await timely(
    owner.api.get('/v1/auth/me'),
    owner.api.get('/v1/vaults'),
    owner.api.get(`/v1/vaults/${vault.id}`),
    owner.api.get(`/v1/vaults/${vault.id}/secrets`),
    owner.api.get(`/v1/vaults/${vault.id}/policies`),
    owner.api.get('/v1/agents'),
    owner.api.get('/v1/audit/events'),
    owner.api.delete(secretUrl(vault, 'never/written')),
    agent.api.get('/v1/agents/me'),
    owner.api.as(undefined).get('/v1/auth/jwt-public-key'),
    owner.api.as(undefined).get('/v1/health'),
  );
  expect(answers.map(({ request, status }) => `${request} ${status}`)).toEqual([
    'GET /v1/auth/me 200',
    'GET /v1/vaults 200',
    `GET /v1/vaults/${vault.id} 200`,
    `GET /v1/vaults/${vault.id}/secrets 200`,
    `GET /v1/vaults/${vault.id}/policies 200`,
    'GET /v1/agents 200',
    'GET /v1/audit/events 200',
    `DELETE ${secretUrl(vault, 'never/written')} 404`,
    'GET /v1/agents/me 200',
    'GET /v1/auth/jwt-public-key 200',
    expect.stringMatching(/^GET \/v1\/health (200|503)$/),
  ]);
}

async function hsmStatus(): Promise<string> {
  const answer = await gatewayOf(stack).get('/v1/health/hsm');
  return `${answer.status} ${(answer.json as { status: string }).status}`;
}

const pids = (): (number | undefined)[] => stack.services.map(({ pid }) => pid);

describe.each(OUTAGES)('while $name for $seconds s', ({ seconds, start, end }) => {
  let under: (() => void) | undefined;

  afterEach(() => {
    under?.();
    under = undefined;
  });

  it(
    'secrets answer 503, health says so, the rest answers, and afterwards all works without a restart',
    async () => {
      const before = pids();
      await expectTheRestToAnswer();
      start();
      under = end;
      const began = performance.now();
      await eventually('health tells of it', NOTICED_MS, async () =>
        (await hsmStatus()) === '503 unavailable' ? true : undefined,
      );
      while (performance.now() - began < seconds * 1000) {
        const { owner, agent } = tenant;
        const credentials = { agent_id: agent.id, api_key: agent.apiKey };
        const answers = await timely(
          read(),
          write('a'),
          write('new'),
          owner.api.post('/v1/vaults', { name: 'not to be' }),
          owner.api.as(undefined).post('/v1/auth/agent-token', credentials),
        );
        for (const answer of answers) expectUnavailable(answer);
        await expectTheRestToAnswer();
        expect(await hsmStatus()).toBe('503 unavailable');
        await pause(BREATH_MS);
      }

      end();
      under = undefined;
      await eventually('the HSM is in use again', BACK_MS, async () =>
        (await read()).status === 200 ? true : undefined,
      );
      expect((await read()).as<Secret>(200)).toMatchObject({ value: VALUE, version: 1 });
      (await tenant.owner.api.get(secretUrl(tenant.vault, 'new'))).refused(404);
      await eventually('health tells of it', NOTICED_MS, async () =>
        (await hsmStatus()) === '200 ok' ? true : undefined,
      );
      expect(pids()).toEqual(before);
    },
    SCENARIO_MS,
  );
});

describe('under a mixed load, nothing is lost and nothing is wrong', () => {
  it.each([
    ['while every third call of the HSM fails', 'fail-third', (load: Load) => load.failed(15)],
    ['while every call of the HSM takes 300 ms more', 'slow', (load: Load) => load.begun(30)],
  ] as const)(
    '%s',
    async (_, fault, untilFelt) => {
      const tenants = await newTenants(gatewayOf(stack), 2);
      const ledger = new Ledger();
      const load = new Load(tenants, ledger, { perSecond: 60 });
      try {
        await load.acknowledged(10);
        device.start(fault, 'any');
        await untilFelt(load);
        device.stop(fault, 'any');
        await load.acknowledged(20, BACK_MS);
      } finally {
        device.stop(fault, 'any');
        await load.stop();
      }
      expect(await reckon(stack, tenants, ledger)).toEqual([]);
    },
    SCENARIO_MS,
  );

  it(
    'while single calls fail, which nobody notices',
    async () => {
      const tenants = await newTenants(gatewayOf(stack), 2);
      const ledger = new Ledger();
      const load = new Load(tenants, ledger, { perSecond: 60 });
      try {
        for (const name of ['C_Decrypt', 'C_Encrypt', 'C_Sign', 'C_DecryptInit', 'C_UnwrapKey'] as const) {
          device.start('fail-once', name);
          await eventually(`a call of ${name} fails`, NOTICED_MS, async () =>
            device.hasHit('fail-once', name) ? true : undefined,
          );
          await load.acknowledged(10);
        }
      } finally {
        await load.stop();
      }
      expect(ledger.unknown).toBe(0);
      expect(await reckon(stack, tenants, ledger)).toEqual([]);
    },
    SCENARIO_MS,
  );
});
