import { describe, expect, it } from '@jest/globals';
import { ed25519PublicKey, verifyEd25519 } from '../hsm/ed25519.js';
import { SoftwareHsm } from '../hsm/testing/software-hsm.js';
import { SigningKeys } from './signing-keys.js';
import { TokensService } from './tokens.service.js';

const hsm = new SoftwareHsm();
const tokens = new TokensService(hsm, new SigningKeys(hsm));
const decoded = (part: string) => Buffer.from(part, 'base64url').toString();

describe('a signed token', () => {
  it('is a compact JWS with the claims byte for byte', async () => {
    const claimsJson = '{"sub":"ü", "n": 1}';
    const [token] = await tokens.sign([{ type: 'JWT', claimsJson }]);
    const [header, payload, signature] = token!.split('.') as [string, string, string];
    const [key] = await hsm.listPublicKeys('token-signing');

    expect(JSON.parse(decoded(header))).toEqual({ alg: 'EdDSA', kid: key!.keyId, typ: 'JWT' });
    expect(decoded(payload)).toBe(claimsJson);
    const input = Buffer.from(`${header}.${payload}`);
    expect(verifyEd25519(ed25519PublicKey(key!.publicKey), input, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  it.each(['', 'x', '[]', 'null', '"text"', '{"a":1}x'])('is not made of claims like %j', async (claimsJson) => {
    await expect(tokens.sign([{ type: 'JWT', claimsJson }])).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
