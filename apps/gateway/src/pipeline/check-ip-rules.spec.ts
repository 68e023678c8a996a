import { describe, expect, it } from '@jest/globals';
import { IpRules } from '@oneclaw/caller/ip-rules';
import { unavailable } from '@oneclaw/errors';
import type { FastifyRequest } from 'fastify';
import type { Session } from '../sessions/session.js';
import { checkIpRulesStep } from './check-ip-rules.js';

const ipRules = new IpRules([
  { ruleType: 'allow', cidr: '192.0.2.0/24', appliesTo: 'users' },
  { ruleType: 'block', cidr: '192.0.2.7', appliesTo: 'all' },
]);

/** How the step ends for a caller, and what it has put into the trail. */
async function check(session: Partial<Session> | undefined, clientIp: string, fails?: Error) {
  const recorded: string[] = [];
  const record = async (_request: unknown, _operation: unknown, _session: unknown, reason: string) => {
    if (fails) throw fails;
    recorded.push(reason);
  };
  const request = { operation: {}, session, clientIp } as FastifyRequest;
  const error = await new Promise<Error | undefined>((resolve) =>
    checkIpRulesStep({ record })(request, undefined as never, resolve),
  );
  return { error, recorded };
}

const user = { type: 'user', ipRules } as const;
const agent = { type: 'agent', ipRules } as const;

describe('the step of the IP rules', () => {
  it('lets through whom the rules of the org allow, and where there are none', async () => {
    for (const [session, address] of [
      [user, '192.0.2.8'],
      [agent, '198.51.100.1'],
      [{ type: 'user' }, '198.51.100.1'],
      [undefined, '198.51.100.1'],
    ] as const)
      expect(await check(session, address)).toEqual({ error: undefined, recorded: [] });
  });

  it.each([
    ['a blocked person', user, '192.0.2.7', /blocks the address/],
    ['a blocked agent', agent, '192.0.2.7', /blocks the address/],
    ['a person from elsewhere', user, '198.51.100.1', /do not allow the address/],
  ])('refuses %s, once that is in the trail', async (_who, session, address, reason) => {
    const { error, recorded } = await check(session, address);
    expect(error).toMatchObject({ code: 'permission_denied', message: expect.stringMatching(reason) });
    expect(recorded).toEqual([error?.message]);
  });

  it('answers 503 where the refusal cannot be written down', async () => {
    expect((await check(user, '192.0.2.7', unavailable('Away.'))).error).toMatchObject({ code: 'unavailable' });
  });
});
