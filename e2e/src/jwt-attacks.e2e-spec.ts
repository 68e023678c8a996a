import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { beforeAll, describe, it } from '@jest/globals';
import { claimsOf, gateway, newAgent, newOwner, type Owner } from './world.js';

type Json = Record<string, unknown>;

const encode = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const headerOf = (jwt: string): Json =>
  JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()) as Json;

/** A key of the attacker's own. */
const own = generateKeyPairSync('ed25519');
const ownJwk = own.publicKey.export({ format: 'jwk' });

function forge(header: Json, claims: Json, key: KeyObject = own.privateKey): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
}

function hmac(header: Json, claims: Json, secret: Buffer | string): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

describe('forged tokens', () => {
  let owner: Owner;
  let token: string;
  let header: Json;
  let claims: Json;
  let publicKey: Buffer;

  beforeAll(async () => {
    owner = await newOwner();
    token = owner.api.token ?? '';
    header = headerOf(token);
    claims = { ...claimsOf(token) };
    const answer = await gateway().get('/v1/auth/jwt-public-key');
    publicKey = Buffer.from(answer.as<{ public_key_base64: string }>(200).public_key_base64, 'base64');
  });

  const parts = (): [header: string, payload: string, signature: string] =>
    token.split('.') as [string, string, string];
  const attacks: [what: string, forge: () => string][] = [
    ['alg none without a signature', () => `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`],
    ['alg None with the old signature', () => `${encode({ ...header, alg: 'None' })}.${parts()[1]}.${parts()[2]}`],
    ['no alg at all', () => `${encode({ kid: header['kid'] })}.${parts()[1]}.${parts()[2]}`],
    ['HS256 with the public key as its secret', () => hmac({ ...header, alg: 'HS256' }, claims, publicKey)],
    [
      'HS256 with the public key in base64',
      () => hmac({ ...header, alg: 'HS256' }, claims, publicKey.toString('base64')),
    ],
    ['HS256 with an empty secret', () => hmac({ ...header, alg: 'HS256' }, claims, '')],
    ['another Ed25519 key under our kid', () => forge(header, claims)],
    ['another Ed25519 key under a kid of its own', () => forge({ ...header, kid: 'mine' }, claims)],
    ['another Ed25519 key without a kid', () => forge({ alg: 'EdDSA', typ: 'JWT' }, claims)],
    ['a key embedded in the header', () => forge({ ...header, jwk: ownJwk }, claims)],
    ['a key embedded, no kid', () => forge({ alg: 'EdDSA', jwk: ownJwk }, claims)],
    ['a URL of keys in the header', () => forge({ ...header, jku: 'http://127.0.0.1:9/jwks.json' }, claims)],
    ['a certificate URL in the header', () => forge({ ...header, x5u: 'http://127.0.0.1:9/x.pem' }, claims)],
    ['a kid that is a path', () => forge({ ...header, kid: '../../../../dev/null' }, claims)],
    ['a kid that is SQL', () => forge({ ...header, kid: "' or '1'='1" }, claims)],
    ['another role', () => `${parts()[0]}.${encode({ ...claims, role: 'admin' })}.${parts()[2]}`],
    [
      'another subject',
      () => `${parts()[0]}.${encode({ ...claims, sub: 'user:00000000-0000-7000-8000-000000000000' })}.${parts()[2]}`,
    ],
    ['a later expiry', () => `${parts()[0]}.${encode({ ...claims, exp: 4102444800 })}.${parts()[2]}`],
    ['another audience', () => `${parts()[0]}.${encode({ ...claims, aud: 'someone-else' })}.${parts()[2]}`],
    ['a flipped bit in the signature', () => flip(token)],
    ['a signature cut short', () => token.slice(0, -4)],
    ['no signature', () => `${parts()[0]}.${parts()[1]}.`],
    ['a zero signature', () => `${parts()[0]}.${parts()[1]}.${Buffer.alloc(64).toString('base64url')}`],
    [
      'a header with white space, same signature',
      () => `${Buffer.from(` ${JSON.stringify(header)}`).toString('base64url')}.${parts()[1]}.${parts()[2]}`,
    ],
    ['a crit header that nobody knows', () => forge({ ...header, crit: ['x'], x: 1 }, claims)],
    ['the token twice', () => `${token}.${token}`],
    ['the signature of another token', () => `${parts()[0]}.${encode({ ...claims, jti: 'x' })}.${parts()[2]}`],
    ['a payload that is no JSON', () => `${parts()[0]}.${Buffer.from('hello').toString('base64url')}.${parts()[2]}`],
    ['padding in base64url', () => `${parts()[0]}.${parts()[1]}.${parts()[2]}==`],
  ];

  it.each(attacks)('are refused: %s', async (_, make) => {
    (await owner.api.get('/v1/vaults')).as(200);
    (await gateway().as(make()).get('/v1/vaults')).refused(401);
    (await gateway().as(make()).delete('/v1/auth/token')).refused(401);
    (await owner.api.get('/v1/vaults')).as(200);
  });

  it("do not turn one agent's token into another's", async () => {
    const agent = await newAgent(owner);
    const agentToken = agent.api.token ?? '';
    const [head, , signature] = agentToken.split('.');
    const raised = encode({ ...claimsOf(agentToken), sub: claims['sub'], role: 'owner' });
    (await gateway().as(`${head}.${raised}.${signature}`).get('/v1/agents')).refused(401);
  });
});

/** Changes one bit in the middle of the signature. */
function flip(token: string): string {
  const [head, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[32] = (bytes[32] ?? 0) ^ 1;
  return `${head}.${payload}.${bytes.toString('base64url')}`;
}
