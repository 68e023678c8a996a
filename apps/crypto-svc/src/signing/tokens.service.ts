import { Inject, Injectable } from '@nestjs/common';
import { invalid } from '@oneclaw/errors';
import { HSM, type Hsm } from '../hsm/hsm.port.js';
import { SigningKeys } from './signing-keys.js';

export interface TokenToSign {
  /** Header "typ": what kind of token this is. */
  type: string;
  /** A JSON object. */
  claimsJson: string;
}

/** Compact JWS (RFC 7515) with EdDSA (RFC 8037). */
@Injectable()
export class TokensService {
  constructor(
    @Inject(HSM) private readonly hsm: Hsm,
    private readonly keys: SigningKeys,
  ) {}

  async sign(tokens: readonly TokenToSign[]): Promise<string[]> {
    tokens.forEach(requireJsonObject);
    const keyId = await this.keys.currentKeyId('token-signing');
    const inputs = tokens.map((token) => signingInput(token, keyId));
    const signatures = await this.hsm.sign(
      'token-signing',
      keyId,
      inputs.map((input) => Buffer.from(input)),
    );
    return inputs.map((input, index) => `${input}.${signatures[index]!.toString('base64url')}`);
  }
}

function signingInput({ type, claimsJson }: TokenToSign, keyId: string): string {
  const header = JSON.stringify({ alg: 'EdDSA', kid: keyId, typ: type });
  return `${Buffer.from(header).toString('base64url')}.${Buffer.from(claimsJson).toString('base64url')}`;
}

function requireJsonObject({ claimsJson }: TokenToSign): void {
  try {
    const claims: unknown = JSON.parse(claimsJson);
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return;
  } catch {
    // refused below
  }
  throw invalid('The claims must be a JSON object.', { claims_json: 'must be a JSON object' });
}
