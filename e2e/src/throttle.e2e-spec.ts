import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { countOf } from './answer.js';
import type { Api } from './client.js';
import type { Token } from './types.js';
import { gateways, newOwner, randomEmail, randomIp, randomPassword } from './world.js';

const TRIES = 50;
const MOST = 10;

/** Wrong passwords for one address, however it is written, through every gateway, all at once. */
async function storm(spellings: readonly string[], ip = randomIp()) {
  const doors = gateways().map((door) => door.from(ip));
  return Promise.all(
    Array.from({ length: TRIES }, (_, index) =>
      (doors[index % doors.length] as Api).post('/v1/auth/token', {
        email: spellings[index % spellings.length],
        password: randomPassword(),
      }),
    ),
  );
}

describe('wrong passwords for one account from one address', () => {
  it('are evaluated ten times, though fifty come at once, through two gateways, in four spellings', async () => {
    const name = randomBytes(8).toString('hex');
    const { password } = await newOwner(gateways()[0], { email: `${name}@example.com` });
    const spellings = [`${name}@example.com`, `${name.toUpperCase()}@Example.COM`, ` ${name}@example.com `];
    const ip = randomIp();
    const answers = await storm([...spellings, `${name}@ｅxample.com`], ip);
    expect([countOf(answers, 401), countOf(answers, 429)]).toEqual([MOST, TRIES - MOST]);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(Number(refused.header('retry-after'))).toBeGreaterThan(800);
    for (const door of gateways()) {
      (await door.from(ip).post('/v1/auth/token', { email: spellings[1], password })).refused(429);
      (await door.from(randomIp()).post('/v1/auth/token', { email: spellings[1], password })).as<Token>(200);
    }
  });

  it('are counted alike where there is no such account', async () => {
    const answers = await storm([randomEmail()]);
    expect([countOf(answers, 401), countOf(answers, 429)]).toEqual([MOST, TRIES - MOST]);
  });
});

describe('right passwords for one account', () => {
  it('are all accepted, though thirty come at once through two gateways', async () => {
    const doors = gateways();
    const { email, password } = await newOwner(doors[0]);
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        (doors[index % doors.length] as Api).post('/v1/auth/token', { email, password }),
      ),
    );
    expect(countOf(answers, 200)).toBe(30);
  });
});
