import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { TokenRefused } from './jws.js';
import { PRINCIPAL_FACTS, PrincipalFactsVerifier, encodePrincipalFacts } from './principal-facts.js';
import { VerificationKeys } from './verification-keys.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url');
const verifier = new PrincipalFactsVerifier(new VerificationKeys(async () => [{ kid: 'k', publicKey: raw }]));

const agent = {
  type: 'agent' as const,
  id: 'a',
  orgId: 'o',
  pathScopes: ['app/**'],
  vaultIds: ['v'],
  intentsEnabled: true,
  email: 'ada@example.com',
};
const now = () => Math.floor(Date.now() / 1000);
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(claims: object, typ = PRINCIPAL_FACTS.typ): string {
  const input = `${encode({ alg: 'EdDSA', kid: 'k', typ })}.${encode(claims)}`;
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
}

const reasonOf = (text: string) =>
  verifier.verify(text).then(
    () => 'accepted',
    (error: unknown) => (error instanceof TokenRefused ? error.reason : String(error)),
  );

describe('the facts about a principal', () => {
  it('come back as they were stated', async () => {
    expect(await verifier.verify(signed(encodePrincipalFacts(agent, now())))).toEqual(agent);
    const { email: _, ...unreachable } = agent;
    expect(await verifier.verify(signed(encodePrincipalFacts(unreachable, now())))).toEqual(unreachable);
  });

  it('are not an attestation, an assertion, or facts without bounds', async () => {
    const claims = encodePrincipalFacts(agent, now());
    expect(await reasonOf(signed(claims, 'principal+jwt'))).toBe('wrong_type');
    expect(await reasonOf(signed(claims, 'caller+jwt'))).toBe('wrong_type');
    for (const bound of ['org', 'pth', 'vlt']) {
      const { [bound]: _, ...rest } = claims;
      expect(await reasonOf(signed(rest))).toBe('malformed');
    }
    expect(await reasonOf(signed({ ...claims, sub: 'system:a' }))).toBe('malformed');
  });

  it('hold for a minute', async () => {
    expect(await reasonOf(signed(encodePrincipalFacts(agent, now() - 60)))).toBe('expired');
  });
});
