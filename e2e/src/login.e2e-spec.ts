import { describe, expect, it } from '@jest/globals';
import { countOf, type Answer } from './answer.js';
import { by, trailWith } from './trail.js';
import type { Signup, Token } from './types.js';
import { claimsOf, gateway, newOwner, randomEmail, randomIp, randomPassword } from './world.js';

const logIn = (email: unknown, password: unknown, at = gateway()) => at.post('/v1/auth/token', { email, password });

/** All that tells two refusals apart is the request id. */
function essence(answer: Answer): unknown {
  const { instance: _, ...rest } = answer.refused(401);
  const { date: _date, 'x-request-id': _id, ...headers } = answer.headers;
  return { rest, headers };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

describe('login', () => {
  it('answers exactly a token, its type and 900 seconds', async () => {
    const { email, password } = await newOwner();
    const answer = await logIn(email, password);
    const body = answer.as<Token>(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 900 });
    expect(answer.header('cache-control')).toBe('no-store');
    const { iat, exp } = claimsOf(body.access_token);
    expect(exp - iat).toBe(900);
  });

  it('knows an address however it is written', async () => {
    const { email, password } = await newOwner();
    (await logIn(email.toUpperCase(), password)).as(200);
    (await logIn(`  ${email} `, password)).as(200);
  });

  it('does not tell a wrong password from an unknown address', async () => {
    const { email } = await newOwner();
    const known = await logIn(email, randomPassword());
    const unknown = await logIn(randomEmail(), randomPassword());
    expect(essence(known)).toEqual(essence(unknown));
  });

  it('takes as long for an unknown address as for a wrong password', async () => {
    const { email } = await newOwner();
    const [known, unknown]: [number[], number[]] = [[], []];
    for (let round = 0; round < 7; round += 1) {
      known.push(await milliseconds(() => logIn(email, randomPassword())));
      unknown.push(await milliseconds(() => logIn(randomEmail(), randomPassword())));
    }
    // A lookup that skipped the hash would answer in a fraction of the time.
    expect(median(unknown)).toBeGreaterThan(median(known) * 0.5);
  });

  it.each([
    ['email', { password: 'x' }],
    ['password', { email: 'ada@example.com' }],
    ['email', { email: 7, password: 'x' }],
    ['password', { email: 'ada@example.com', password: { $ne: null } }],
  ])('says that %s is missing or of the wrong type', async (field, body) => {
    (await gateway().post('/v1/auth/token', body)).invalid(field);
  });

  it('stops guessing after ten failures from one address, also when they come at once, and a later right password too', async () => {
    const { email, password } = await newOwner();
    const attacker = gateway();
    const guesses = await Promise.all(Array.from({ length: 24 }, () => logIn(email, randomPassword(), attacker)));
    expect([countOf(guesses, 401), countOf(guesses, 429)]).toEqual([10, 14]);
    (await logIn(email, password, attacker)).refused(429);
    (await logIn(email, password, attacker.from(randomIp()))).as(200);
  });

  it('forgets failures after a right password', async () => {
    const { email, password } = await newOwner();
    const at = gateway();
    const fail = async (times: number): Promise<void> => {
      for (let count = 0; count < times; count += 1) (await logIn(email, randomPassword(), at)).refused(401);
    };
    await fail(9);
    (await logIn(email, password, at)).as(200);
    await fail(9);
    (await logIn(email, password, at)).as(200);
  });

  it('writes successes and failures into the trail of the org', async () => {
    const { api, id, email, password } = await newOwner();
    (await logIn(email, randomPassword())).refused(401);
    (await logIn(email, password)).as(200);
    const events = await trailWith(api, by('auth.failure'), by('auth.success', id));
    expect(events.filter(by('auth.failure'))).toHaveLength(1);
  });

  it('ignores a bad Authorization header on public routes', async () => {
    const { email, password } = await newOwner();
    (await logIn(email, password, gateway().as('an.old.token'))).as(200);
    const fields = { email: randomEmail(), password: randomPassword() };
    (await gateway().as('1ck_dead').post('/v1/auth/signup', fields)).as<Signup>(200);
  });
});
