import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Caller } from '@oneclaw/caller';
import type { TokenSigner } from '../tokens/token-signer.js';
import { CallerAssertions } from './caller-assertions.js';

const CALLER: Caller = {
  type: 'agent',
  id: 'a1',
  orgId: 'o1',
  sessionId: 's1',
  sessionKind: 'agent',
  pathScopes: [],
  areaScopes: [],
  vaultIds: [],
  intentsEnabled: false,
};
const START = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

let signed: number;
let assertions: CallerAssertions;
beforeEach(() => {
  jest.useFakeTimers({ now: START });
  signed = 0;
  const sign = async (_kind: unknown, claims: readonly object[]) => claims.map(() => `assertion ${++signed}`);
  assertions = new CallerAssertions({ sign } as unknown as TokenSigner);
});
afterEach(() => {
  jest.useRealTimers();
});

const assertion = async () => (await assertions.for([CALLER], { requestId: 'r' })).get(CALLER.sessionId)?.jws;

describe('an assertion that was made for the same facts', () => {
  it('serves again in the first quarter of its life', async () => {
    expect(await assertion()).toBe('assertion 1');
    jest.setSystemTime(START + 15_000);
    expect(await assertion()).toBe('assertion 1');
    jest.setSystemTime(START + 15_001);
    expect(await assertion()).toBe('assertion 2');
  });

  it('does not where it is from the future, since the clock was put back', async () => {
    jest.setSystemTime(START + 5 * MINUTE_MS);
    expect(await assertion()).toBe('assertion 1');
    jest.setSystemTime(START);
    expect(await assertion()).toBe('assertion 2');
    expect(await assertion()).toBe('assertion 2');
  });
});
