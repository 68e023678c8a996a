import { describe, expect, it } from '@jest/globals';
import type { ResolveResult } from '@oneclaw/contracts/auth';
import { unavailable } from '@oneclaw/errors';
import { createLogger } from '@oneclaw/telemetry';
import { SessionResolver } from './session-resolver.js';

const logger = createLogger({ service: 'test', level: 'silent' });

const resolved = (id: string): ResolveResult => ({
  refusal: '',
  caller: {
    assertion: `assertion-${id}`,
    assertionExpiresAt: new Date(60_000),
    principalType: 'user',
    principalId: id,
    orgId: 'o',
    role: 'owner',
    jti: `jti-${id}`,
    tokenExpiresAt: new Date(900_000),
    sessionKind: 'password',
    areaScopes: [],
    scoped: false,
  },
});

describe('the session resolver', () => {
  it('asks for what comes together once, each token once, and gives each its own answer', async () => {
    const asked: string[][] = [];
    const resolver = new SessionResolver(
      {
        resolveCallers: async ({ tokens = [] }) => {
          asked.push(tokens);
          return {
            results: tokens.map((token) =>
              token === 'dead' ? { refusal: 'revoked', caller: undefined } : resolved(token),
            ),
          };
        },
      },
      logger,
    );
    const ask = (token: string) => resolver.resolve({ token, requestId: 'r' });
    const [a, dead, b, again] = await Promise.allSettled([ask('a'), ask('dead'), ask('b'), ask('a')]);
    expect(asked).toEqual([['a', 'dead', 'b']]);
    expect(a).toMatchObject({ value: { id: 'a', jti: 'jti-a', usableUntil: 50_000 } });
    expect(b).toMatchObject({ value: { id: 'b' } });
    expect(again).toEqual(a);
    expect(dead).toMatchObject({ reason: { code: 'unauthenticated' } });
  });

  it('is unavailable when auth-svc is, and that is no 401', async () => {
    const resolver = new SessionResolver({ resolveCallers: () => Promise.reject(unavailable('Away.')) }, logger);
    await expect(resolver.resolve({ token: 'a', requestId: 'r' })).rejects.toMatchObject({ code: 'unavailable' });
  });
});
