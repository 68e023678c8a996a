import { describe, expect, it } from '@jest/globals';
import { countOf } from './answer.js';
import type { Api } from './client.js';
import { eventually } from './eventually.js';
import { mailTo } from './mails.js';
import { by, denied, trailWith } from './trail.js';
import type { Token } from './types.js';
import { gateway, gateways, newAgent, newOwner, type Owner, randomIp, randomPassword } from './world.js';

const SECOND = 1000;

const change = (api: Api, current_password: unknown, new_password: unknown) =>
  api.post('/v1/auth/change-password', { current_password, new_password });

async function logIn({ email }: Owner, password: string, at = gateway()): Promise<Api> {
  const { access_token } = (await at.post('/v1/auth/token', { email, password })).as<Token>(200);
  return at.as(access_token);
}

describe('POST /v1/auth/change-password', () => {
  it('puts a new password in the place of the old one, and tells the owner by mail', async () => {
    const owner = await newOwner();
    const next = randomPassword();
    (await change(owner.api, owner.password, next)).empty();
    (await gateway().post('/v1/auth/token', { email: owner.email, password: owner.password })).refused(401);
    await logIn(owner, next);
    const { text } = await mailTo(owner.email, /^Your password was changed$/);
    expect(text).toContain(owner.api.ip);
    expect(text).not.toContain(next);
    await trailWith(owner.api, by('auth.change_password', owner.id));
  });

  it('ends every other token on both gateways within a second, and leaves the calling one', async () => {
    const owner = await newOwner();
    const both = gateways();
    const others = await Promise.all(both.map((at) => logIn(owner, owner.password, at)));
    for (const api of others) for (const at of both) (await at.as(api.token).get('/v1/auth/me')).as(200);
    (await change(owner.api, owner.password, randomPassword())).empty();
    const { elapsedMs } = await eventually('both refuse the others', 5 * SECOND, async () => {
      const asked = others.flatMap((api) => both.map((at) => at.as(api.token).get('/v1/auth/me')));
      return (await Promise.all(asked)).every(({ status }) => status === 401) ? true : undefined;
    });
    expect(elapsedMs).toBeLessThan(SECOND);
    for (const at of both) (await at.as(owner.api.token).get('/v1/auth/me')).as(200);
  });

  it('lets one of several parallel changes through', async () => {
    const owner = await newOwner();
    const both = gateways();
    const sessions = await Promise.all(
      Array.from({ length: 6 }, (_, index) => logIn(owner, owner.password, both[index % 2])),
    );
    const passwords = sessions.map(() => randomPassword());
    const answers = await Promise.all(sessions.map((api, index) => change(api, owner.password, passwords[index])));
    // The others are told that the password is wrong, or, a moment later, that their token is dead.
    expect(countOf(answers, 204)).toBe(1);
    expect(countOf(answers, 400) + countOf(answers, 401)).toBe(5);
    await logIn(owner, passwords[answers.findIndex(({ status }) => status === 204)] as string);
  });

  it('refuses a wrong current password, and writes that down', async () => {
    const owner = await newOwner();
    (await change(owner.api, randomPassword(), randomPassword())).invalid('current_password');
    (await change(owner.api, undefined, randomPassword())).invalid('current_password');
    await trailWith(owner.api, (event) => by('auth.change_password', owner.id)(event) && denied(event));
  });

  it.each([
    ['current_password', { current_password: 7, new_password: 'x' }],
    ['new_password', { current_password: 'x' }],
    ['new_password', { current_password: 'x', new_password: 'password1234' }],
    ['new_password', { current_password: 'x', new_password: ['a'] }],
  ])('says that %s is at fault', async (field, body) => {
    const { api } = await newOwner();
    (await api.post('/v1/auth/change-password', body)).invalid(field);
  });

  it('counts failures together with those of logins', async () => {
    const owner = await newOwner();
    const ip = randomIp();
    const api = owner.api.from(ip);
    const guesses = await Promise.all(
      Array.from({ length: 16 }, () => change(api, randomPassword(), randomPassword())),
    );
    expect([countOf(guesses, 400), countOf(guesses, 429)]).toEqual([10, 6]);
    const { email, password } = owner;
    (await gateway().from(ip).post('/v1/auth/token', { email, password })).refused(429);
    (await change(owner.api, password, randomPassword())).empty();
  });

  it('is not for agents, nor without a token', async () => {
    const agent = await newAgent(await newOwner());
    (await change(agent.api, 'x', randomPassword())).refused(403);
    (await change(gateway(), 'x', randomPassword())).refused(401);
  });
});

describe('POST /v1/auth/refresh', () => {
  it('says that there are no refresh tokens', async () => {
    const problem = (await gateway().post('/v1/auth/refresh', { refresh_token: 'x' })).refused(400);
    expect(problem.detail).toBe('Refresh tokens not yet implemented');
    (await gateway().post('/v1/auth/refresh')).refused(400);
  });
});
