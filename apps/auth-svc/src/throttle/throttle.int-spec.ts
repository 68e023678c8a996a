import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isDomainError } from '@oneclaw/errors';
import { eventually } from '@oneclaw/testing';
import { randomInt, randomUUID } from 'node:crypto';
import { type AuthWorld, type Replica, startAuthWorld } from '../testing/auth-world.js';
import type { Policy } from './throttle-policies.js';
import { Throttle } from './throttle.service.js';

let world: AuthWorld;
let other: Replica;
beforeAll(async () => {
  world = await startAuthWorld();
  other = await world.startReplica();
});
afterAll(() => world.close());

const someone = () => `${randomUUID()}@example.com`;
const somewhere = () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;

interface Attempt {
  account: string;
  ip: string;
  right?: boolean;
  policy?: Policy;
  at?: Replica;
}

let evaluated = 0;

/** 'right', 'wrong', or the seconds to wait. */
async function attempt({ account, ip, right = false, policy = 'password', at = world }: Attempt) {
  const check = async () => {
    evaluated += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return right || undefined;
  };
  try {
    return (await at.service.get(Throttle).guard(policy, { account, ip }, check)) ? 'right' : 'wrong';
  } catch (error) {
    if (isDomainError(error, 'rate_limited')) return error.retryAfterSeconds;
    throw error;
  }
}

async function inTurn(count: number, make: (index: number) => Attempt) {
  const results = [];
  for (let index = 0; index < count; index += 1) results.push(await attempt(make(index)));
  return results;
}

/** As if this much time had passed for every counter. */
async function pass(minutes: number): Promise<void> {
  await world.owner.query(
    `UPDATE throttles SET failures = array(SELECT f - $1::float8 FROM unnest(failures) f),
                          succeeded_at = succeeded_at - $1::float8 * interval '1 millisecond'`,
    [minutes * 60_000],
  );
}

describe('an account tried from one address', () => {
  it('is closed to it after ten failures, and to nobody else', async () => {
    const [account, ip] = [someone(), somewhere()];
    expect(await inTurn(10, () => ({ account, ip }))).toEqual(Array(10).fill('wrong'));
    const wait = await attempt({ account, ip, right: true });
    expect(wait).toBeGreaterThan(14 * 60);
    expect(wait).toBeLessThanOrEqual(15 * 60);
    expect(await attempt({ account, ip: somewhere() })).toBe('wrong');
    expect(await attempt({ account: someone(), ip })).toBe('wrong');
  });

  it('is open again when the failures are fifteen minutes old', async () => {
    const [account, ip] = [someone(), somewhere()];
    await inTurn(10, () => ({ account, ip }));
    await pass(14);
    expect(await attempt({ account, ip })).toBeGreaterThan(0);
    await pass(2);
    expect(await attempt({ account, ip })).toBe('wrong');
  });

  it('starts again at nothing after a success', async () => {
    const [account, ip] = [someone(), somewhere()];
    await inTurn(9, () => ({ account, ip }));
    expect(await attempt({ account, ip, right: true })).toBe('right');
    expect(await inTurn(10, () => ({ account, ip }))).toEqual(Array(10).fill('wrong'));
  });

  it.each([1, 2])('has no more than ten of fifty parallel guesses evaluated, on %i replicas', async (replicas) => {
    const [account, ip] = [someone(), somewhere()];
    evaluated = 0;
    const guesses = Array.from({ length: 50 }, (_, index) =>
      attempt({ account, ip, at: index % replicas === 0 ? world : other }),
    );
    const results = await Promise.all(guesses);
    expect(results.filter((result) => result === 'wrong')).toHaveLength(10);
    expect(evaluated).toBe(10);
    expect(results.filter((result) => typeof result === 'number' && result > 800)).toHaveLength(40);
  });

  it('lets all of thirty parallel attempts through that are right', async () => {
    const [account, ip] = [someone(), somewhere()];
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        attempt({ account, ip, right: true, at: index % 2 === 0 ? world : other }),
      ),
    );
    expect(results).toEqual(Array(30).fill('right'));
  });

  it('is not charged for attempts that could not be evaluated', async () => {
    const [account, ip] = [someone(), somewhere()];
    const failing = () =>
      world.service.get(Throttle).guard('password', { account, ip }, () => Promise.reject(new Error('no HSM')));
    for (let index = 0; index < 12; index += 1) await expect(failing()).rejects.toThrow('no HSM');
    expect(await attempt({ account, ip })).toBe('wrong');
  });

  it('is charged for attempts whose replica died', async () => {
    const [account, ip] = [someone(), somewhere()];
    const lost = Array.from({ length: 10 }, () => attemptThatNeverEnds(account, ip));
    await eventually(async () => expect(await attempt({ account, ip, right: true })).not.toBe('right'), 6000);
    await world.owner.query(
      `UPDATE throttles SET pending = array(SELECT p - 31000 FROM unnest(pending) p) WHERE cardinality(pending) > 0`,
    );
    expect(await attempt({ account, ip })).toBeGreaterThan(800);
    void lost;
  });
});

function attemptThatNeverEnds(account: string, ip: string): void {
  void world.service.get(Throttle).guard('password', { account, ip }, () => new Promise(() => undefined));
}

describe('an account tried from many addresses', () => {
  it('is closed after a hundred failures in an hour, except to an address that knows it', async () => {
    const [account, home] = [someone(), somewhere()];
    expect(await attempt({ account, ip: home, right: true })).toBe('right');
    const results = await inTurn(100, () => ({ account, ip: somewhere() }));
    expect(new Set(results)).toEqual(new Set(['wrong']));
    expect(await attempt({ account, ip: somewhere(), right: true })).toBeGreaterThan(3000);
    expect(await attempt({ account, ip: home, right: true })).toBe('right');
    await pass(8 * 24 * 60);
    expect(await attempt({ account, ip: somewhere() })).toBe('wrong');
  });

  it('is closed for codes after ten in fifteen minutes', async () => {
    const account = someone();
    await inTurn(10, () => ({ account, ip: somewhere(), policy: 'mfa_code' }));
    expect(await attempt({ account, ip: somewhere(), policy: 'mfa_code' })).toBeGreaterThan(800);
    expect(await attempt({ account, ip: somewhere() })).toBe('wrong');
  });
});

describe('an address that tries many accounts', () => {
  it('is refused after a hundred failures in fifteen minutes, whatever it tries', async () => {
    const ip = somewhere();
    await inTurn(100, () => ({ account: someone(), ip }));
    expect(await attempt({ account: someone(), ip, right: true })).toBeGreaterThan(800);
    expect(await attempt({ account: someone(), ip, policy: 'mfa_code' })).toBeGreaterThan(800);
    expect(await attempt({ account: someone(), ip: somewhere() })).toBe('wrong');
  });
});

describe('what is stored', () => {
  it('names no address and goes when it is of no use', async () => {
    const account = `planted-${randomUUID()}@example.com`;
    await attempt({ account, ip: somewhere() });
    const { rows } = await world.owner.query<{ row: string }>('SELECT row_to_json(t)::text AS row FROM throttles t');
    expect(JSON.stringify(rows)).not.toContain(Buffer.from('planted').toString('hex'));
    expect(JSON.stringify(rows)).not.toContain('planted');
  });
});
