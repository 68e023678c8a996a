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
        TRUSTED_PROXIES: '127.0.0.0/8,::1',
        RATE_LIMIT_BURST: String(BURST),
        RATE_LIMIT_PER_SECOND: String(PER_SECOND),
        SIGNUPS_PER_HOUR: String(SIGNUPS),
      },
      'auth-svc': { USER_TOKEN_LIFETIME: '3s' },
    },
  });
});

afterAll(() => stack?.stop());

const times = <T>(count: number, work: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, work));

const signUp = (api = gatewayOf(stack)): Promise<Answer> =>
  api.post('/v1/auth/signup', { email: randomEmail(), password: randomPassword() });

describe('the rate limit', () => {
  it('lets a burst through, then refuses with a time to wait, after which requests pass again', async () => {
    const api = gatewayOf(stack);
    const start = performance.now();
    const answers = await times(3 * BURST, () => api.get('/v1/health'));
    const seconds = (performance.now() - start) / 1000;
    expect(countOf(answers, 200)).toBeGreaterThanOrEqual(BURST);
    expect(countOf(answers, 200)).toBeLessThanOrEqual(BURST + Math.ceil(seconds * PER_SECOND));
    const wait = Number(answers.find((each) => each.status === 429)?.header('retry-after'));
    await eventually('requests pass again', (wait + 1) * 1000, async () => {
      const { status } = await api.get('/v1/health');
      return status === 200 ? true : undefined;
    });
  });

  it('is one per address', async () => {
    const [one, other] = [gatewayOf(stack), gatewayOf(stack)];
    await times(2 * BURST, () => one.get('/v1/health'));
    expect(countOf(await times(BURST, () => other.get('/v1/health')), 200)).toBe(BURST);
  });

  it('goes by the address that the trusted proxy added, whatever the client wrote before it', async () => {
    const address = randomIp();
    const answers = await times(3 * BURST, () => gatewayOf(stack).from(`${randomIp()}, ${address}`).get('/v1/health'));
    expect(countOf(answers, 429)).toBeGreaterThan(BURST);
  });

  it('comes before the token is looked at, and after the route', async () => {
    const api = gatewayOf(stack).as('nonsense');
    const vaults = await times(3 * BURST, () => api.get('/v1/vaults'));
    expect(countOf(vaults, 429)).toBeGreaterThan(BURST);
    expect(countOf(vaults, 401) + countOf(vaults, 429)).toBe(vaults.length);
    expect(countOf(await times(5, () => api.get('/v1/nothing')), 404)).toBe(5);
    expect(countOf(await times(5, () => api.put('/v1/vaults', {})), 405)).toBe(5);
  });
});

describe('session tokens of people', () => {
  it('are refused once they expired, while the agents of that person go on', async () => {
    const owner = await newOwner(gatewayOf(stack));
    const agent = await newAgent(owner);
    const { exp } = claimsOf(owner.api.token ?? '');
    const { value: refusal } = await eventually('the token expires', 6000, async () => {
      const answer = await owner.api.from(randomIp()).get('/v1/auth/me');
      return answer.status === 200 ? undefined : answer;
    });
    refusal.refused(401);
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(exp);
    (await agent.api.get('/v1/agents/me')).as(200);
    const { email, password } = owner;
    (await gatewayOf(stack).post('/v1/auth/token', { email, password })).as<Token>(200);
  });
});

describe('tokens of another installation', () => {
  it('are refused although the same HSM signed them: issuer and audience differ', async () => {
    const elsewhere = await newOwner();
    (await gatewayOf(stack).as(elsewhere.api.token).get('/v1/vaults')).refused(401);
    (await elsewhere.api.get('/v1/vaults')).as(200);
  });
});

describe('signups', () => {
  it('have a limit of their own per address, which may be used up in one burst', async () => {
    const api = gatewayOf(stack);
    const answers = await times(SIGNUPS + 3, () => signUp(api));
    expect([countOf(answers, 200), countOf(answers, 429)]).toEqual([SIGNUPS, 3]);
    (await api.get('/v1/health')).as(200);
    (await signUp()).as(200);
  });

  it('count towards it also when the address is in use', async () => {
    const api = gatewayOf(stack);
    const { email, password } = await newOwner(api);
    for (let count = 1; count < SIGNUPS; count += 1)
      (await api.post('/v1/auth/signup', { email, password })).refused(409);
    (await signUp(api)).refused(429);
  });
});
