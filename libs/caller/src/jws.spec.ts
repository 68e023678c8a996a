import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { TokenRefused, verifyJws } from './jws.js';
import { VerificationKeys } from './verification-keys.js';

const expected = { typ: 'JWT', issuer: 'https://issuer.test', audience: 'api' };
const now = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

let privateKey: KeyObject;
let publicPoint: Buffer;
let keys: VerificationKeys;

beforeAll(() => {
  const pair = generateKeyPairSync('ed25519');
  privateKey = pair.privateKey;
  publicPoint = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x as string, 'base64url');
  keys = new VerificationKeys(async () => [{ kid: 'k1', publicKey: publicPoint }]);
});

const goodHeader = { alg: 'EdDSA', kid: 'k1', typ: 'JWT' };
const goodClaims = () => ({ iss: expected.issuer, aud: expected.audience, sub: 'user:1', iat: now(), exp: now() + 60 });

function token(header: object = goodHeader, claims: object = goodClaims(), key: KeyObject = privateKey): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
}

const reasonOf = (text: string) =>
  verifyJws(text, keys, expected).then(
    () => 'accepted',
    (error: unknown) => (error instanceof TokenRefused ? error.reason : String(error)),
  );

describe('a token of ours', () => {
  it('is accepted and answers its claims', async () => {
    expect(await verifyJws(token(), keys, expected)).toMatchObject({ sub: 'user:1' });
  });

  const attacks: [string, () => string, string][] = [
    [
      'alg none without a signature',
      () => `${encode({ ...goodHeader, alg: 'none' })}.${encode(goodClaims())}.`,
      'malformed',
    ],
    ['alg none with a signature', () => token({ ...goodHeader, alg: 'none' }), 'wrong_algorithm'],
    ['HS256 keyed with our public key', hs256WithPublicKey, 'wrong_algorithm'],
    ['alg Ed25519 spelled differently', () => token({ ...goodHeader, alg: 'eddsa' }), 'wrong_algorithm'],
    ['an embedded jwk', () => token({ ...goodHeader, jwk: { kty: 'OKP' } }), 'foreign_key_header'],
    ['a jku', () => token({ ...goodHeader, jku: 'https://evil.test/jwks' }), 'foreign_key_header'],
    ['an x5c', () => token({ ...goodHeader, x5c: ['AAAA'] }), 'foreign_key_header'],
    ['a critical extension', () => token({ ...goodHeader, crit: ['exp'] }), 'foreign_key_header'],
    ['an unknown kid', () => token({ ...goodHeader, kid: '../../k1' }), 'unknown_key'],
    ['no kid', () => token({ alg: 'EdDSA', typ: 'JWT' }), 'unknown_key'],
    ['another kind of token', () => token({ ...goodHeader, typ: 'caller+jwt' }), 'wrong_type'],
    ['no typ', () => token({ alg: 'EdDSA', kid: 'k1' }), 'wrong_type'],
    [
      'a foreign key',
      () => token(goodHeader, goodClaims(), generateKeyPairSync('ed25519').privateKey),
      'bad_signature',
    ],
    ['a changed claim', () => tamper(token()), 'bad_signature'],
    ['a truncated signature', () => token().slice(0, -2), 'bad_signature'],
    ['two parts', () => token().split('.').slice(0, 2).join('.'), 'malformed'],
    ['five parts', () => `${token()}.a.b`, 'malformed'],
    ['padding', () => `${token()}=`, 'malformed'],
    ['base64url that is not canonical', nonCanonical, 'malformed'],
    ['a line break', () => `${token()}\n`, 'malformed'],
    ['excess length', () => token(goodHeader, { ...goodClaims(), pad: 'x'.repeat(9000) }), 'malformed'],
    ['another issuer', () => token(goodHeader, { ...goodClaims(), iss: 'https://evil.test' }), 'wrong_issuer'],
    ['another audience', () => token(goodHeader, { ...goodClaims(), aud: 'other' }), 'wrong_audience'],
    ['a list of audiences', () => token(goodHeader, { ...goodClaims(), aud: ['api'] }), 'wrong_audience'],
    ['an expiry in the past', () => token(goodHeader, { ...goodClaims(), exp: now() - 1 }), 'expired'],
    ['no expiry', () => token(goodHeader, { ...goodClaims(), exp: undefined }), 'malformed'],
    [
      'an issue time in the future',
      () => token(goodHeader, { ...goodClaims(), iat: now() + 600 }),
      'issued_in_the_future',
    ],
    ['a start in the future', () => token(goodHeader, { ...goodClaims(), nbf: now() + 600 }), 'not_yet_valid'],
    ['claims that are no object', () => token(goodHeader, ['a']), 'malformed'],
  ];

  it.each(attacks)('is refused with %s', async (_name, forge, reason) => {
    expect(await reasonOf(forge())).toBe(reason);
  });
});

describe('the verification keys', () => {
  it('fetch anew for an unknown kid, but at most once a second', async () => {
    let fetches = 0;
    let clock = 0;
    const counted = new VerificationKeys(
      async () => {
        fetches += 1;
        return [{ kid: 'k1', publicKey: publicPoint }];
      },
      () => clock,
    );
    await counted.find('k1');
    await Promise.all(['a', 'b', 'c'].map((kid) => counted.find(kid)));
    expect(fetches).toBe(1);
    clock = 1500;
    expect(await counted.find('a')).toBeUndefined();
    expect(fetches).toBe(2);
  });

  it('keep serving known keys while the fetch fails', async () => {
    let clock = 0;
    let broken = false;
    const flaky = new VerificationKeys(
      async () => {
        if (broken) throw new Error('down');
        return [{ kid: 'k1', publicKey: publicPoint }];
      },
      () => clock,
    );
    await flaky.find('k1');
    broken = true;
    clock = 120_000;
    expect(await flaky.find('k1')).toBeDefined();
  });

  it('cannot say that a kid is not ours while the fetch fails', async () => {
    let clock = 0;
    let broken = false;
    const kids = ['k1'];
    const flaky = new VerificationKeys(
      async () => {
        if (broken) throw new Error('down');
        return kids.map((kid) => ({ kid, publicKey: publicPoint }));
      },
      () => clock,
    );
    await flaky.find('k1');
    broken = true;
    kids.push('k2');
    clock = 2000;
    await expect(flaky.find('k2')).rejects.toThrow('down');
    await expect(flaky.find('k2')).rejects.toThrow('down'); // of the same fetch
    broken = false;
    clock = 4000;
    expect(await flaky.find('k2')).toBeDefined();
    expect(await flaky.find('k3')).toBeUndefined();
  });
});

function hs256WithPublicKey(): string {
  const input = `${encode({ ...goodHeader, alg: 'HS256' })}.${encode(goodClaims())}`;
  return `${input}.${createHmac('sha256', publicPoint).update(input).digest('base64url')}`;
}

function tamper(text: string): string {
  const [header, , signature] = text.split('.');
  return `${header}.${encode({ ...goodClaims(), sub: 'user:2' })}.${signature}`;
}

/** 64 signature bytes leave 4 unused bits in the last character; setting one decodes to the same bytes. */
function nonCanonical(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const text = token();
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)!) + 1];
}
