import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Stack } from '@oneclaw/stack';
import { countOf, type Answer } from './answer.js';
import { eventually } from './eventually.js';
import { gatewayOf, ownStack } from './stacks.js';
import type { Token } from './types.js';
import { claimsOf, newAgent, newOwner, randomEmail, randomIp, randomPassword } from './world.js';

const BURST = 20;
const PER_SECOND = 5;
const SIGNUPS = 4;

let stack: Stack;

beforeAll(async () => {
  stack = await ownStack({
    env: {
      gateway: {
        TRUSTED_PROXIES: '',
        RATE_LIMIT_BURST: String(BURST),
        RATE_LIMIT_PER_SECOND: String(PER_SECOND),
        SIGNUPS_PER_HOUR: String(SIGNUPS),
      },
      'auth-svc': { USER_TOKEN_LIFETIME: '3s' },
    },
  });
});

afterAll(() => stack?.stop());

/** Until the bucket of this machine is full again, whatever was sent before. */
async function refilled(): Promise<void> {
  await eventually('the bucket is full', 30_000, async () => {
    const { status } = await gatewayOf(stack).get('/v1/health');
    return status === 200 ? true : undefined;
  });
  await new Promise((resolve) => setTimeout(resolve, (BURST / PER_SECOND) * 1000));
}

describe('the rate limit', () => {
  it('lets a burst through, then refuses with a time to wait, after which requests pass again', async () => {
    await refilled();
    const start = performance.now();
    const answers = await Promise.all(Array.from({ length: 60 }, () => gatewayOf(stack).get('/v1/health')));
    const seconds = (performance.now() - start) / 1000;
    expect(countOf(answers, 200)).toBeGreaterThanOrEqual(BURST - 1);
    expect(countOf(answers, 200)).toBeLessThanOrEqual(BURST + Math.ceil(seconds * PER_SECOND));
    const refusal = answers.find((each) => each.status === 429) as Answer;
    const wait = Number(refusal.header('retry-after'));
    await eventually('requests pass again', (wait + 1) * 1000, async () => {
      const { status } = await gatewayOf(stack).get('/v1/health');
      return status === 200 ? true : undefined;
    });
  });

  it('believes no X-Forwarded-For from a peer that is no trusted proxy', async () => {
    const answers = await Promise.all(
      Array.from({ length: 80 }, () => gatewayOf(stack).from(randomIp()).get('/v1/health')),
    );
    expect(countOf(answers, 429)).toBeGreaterThan(40);
  });

  it('comes before the token is looked at, and after the route', async () => {
    const api = gatewayOf(stack).as('nonsense');
    const [vaults, unknown] = [
      await Promise.all(Array.from({ length: 80 }, () => api.get('/v1/vaults'))),
      await Promise.all(Array.from({ length: 10 }, () => api.get('/v1/nothing'))),
    ];
    expect(countOf(vaults, 429)).toBeGreaterThan(40);
    expect(countOf(vaults, 401) + countOf(vaults, 429)).toBe(80);
    expect(countOf(unknown, 404)).toBe(10);
  });
});

describe('session tokens with a short life', () => {
  it('are refused once they expired, and tokens of agents are not touched by it', async () => {
    await refilled();
    const owner = await newOwner(gatewayOf(stack));
    const agent = await newAgent(owner);
    const { exp } = claimsOf(owner.api.token ?? '');
    const { value: refusal } = await eventually('the token expires', 6000, async () => {
      const answer = await owner.api.get('/v1/auth/me');
      return answer.status === 200 || answer.status === 429 ? undefined : answer;
    });
    refusal.refused(401);
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(exp);
    await refilled();
    (await agent.api.get('/v1/agents/me')).as(200);
    const { email, password } = owner;
    (await gatewayOf(stack).post('/v1/auth/token', { email, password })).as<Token>(200);
  });
});

describe('signups', () => {
  it('have a limit of their own per address', async () => {
    await refilled();
    const answers: Answer[] = [];
    for (let count = 0; count < SIGNUPS + 2; count += 1) {
      const body = { email: randomEmail(), password: randomPassword() };
      answers.push(await gatewayOf(stack).post('/v1/auth/signup', body));
    }
    // One signup was spent by the test before, wherever it ran.
    expect(countOf(answers, 200)).toBeLessThanOrEqual(SIGNUPS);
    expect(answers.at(-1)?.status).toBe(429);
    (await gatewayOf(stack).get('/v1/health')).as(200);
  });
});
