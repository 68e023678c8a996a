import { describe, expect, it } from '@jest/globals';
import type { ResolveResult } from '@oneclaw/contracts/auth';
import { unavailable } from '@oneclaw/errors';
import { SessionResolver } from './session-resolver.js';

const resolved = (id: string, orgId = 'o'): ResolveResult => ({
  refusal: '',
  caller: {
    assertion: `assertion-${id}`,
    assertionExpiresAt: new Date(60_000),
    principalType: 'user',
    principalId: id,
    orgId,
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
    const resolver = new SessionResolver({
      resolveCallers: async ({ tokens = [] }) => {
        asked.push(tokens);
        return {
          results: tokens.map((token) =>
            token === 'dead' ? { refusal: 'revoked', caller: undefined } : resolved(token),
          ),
          ipRules: [],
        };
      },
    });
    const ask = (token: string) => resolver.resolve({ token, requestId: 'r' });
    const [a, dead, b, again] = await Promise.allSettled([ask('a'), ask('dead'), ask('b'), ask('a')]);
    expect(asked).toEqual([['a', 'dead', 'b']]);
    expect(a).toMatchObject({ value: { id: 'a', jti: 'jti-a', usableUntil: 50_000 } });
    expect(b).toMatchObject({ value: { id: 'b' } });
    expect(again).toEqual(a);
    expect(dead).toMatchObject({ reason: { reason: 'revoked' } });
  });

  it('knows the IP rules of each org, compiled once', async () => {
    const rule = (id: string, cidr: string) => ({ orgId: 'ours', id, ruleType: 'deny', cidr, appliesTo: 'all' });
    let ipRules = [rule('1', '192.0.2.7')];
    const resolveCallers = async ({ tokens = [] as string[] }) => ({
      results: tokens.map((token) => resolved(token, token === 'stranger' ? 'theirs' : 'ours')),
      ipRules,
    });
    const resolver = new SessionResolver({ resolveCallers });
    const ask = (token: string) => resolver.resolve({ token, requestId: 'r' });
    const [one, stranger] = await Promise.all([ask('one'), ask('stranger')]);
    expect(one.ipRules?.refusal('user', '192.0.2.7')).toBe('blocked');
    expect('ipRules' in stranger).toBe(false);
    expect((await ask('other')).ipRules).toBe(one.ipRules);
    ipRules = [rule('2', '192.0.2.8')];
    expect((await ask('other')).ipRules?.refusal('user', '192.0.2.7')).toBeUndefined();
    ipRules = [{ ...rule('3', '192.0.2.8'), ruleType: 'from-the-future' }];
    await expect(ask('other')).rejects.toMatchObject({ code: 'internal' });
  });

  it('is unavailable when auth-svc is, and that is no 401', async () => {
    const resolver = new SessionResolver({ resolveCallers: () => Promise.reject(unavailable('Away.')) });
    await expect(resolver.resolve({ token: 'a', requestId: 'r' })).rejects.toMatchObject({ code: 'unavailable' });
  });
});
