import { TokenKind, TokenSigningServiceDefinition, type SignTokensRequest } from '@oneclaw/contracts/crypto';
import { invalid } from '@oneclaw/errors';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { TokensService } from './tokens.service.js';

const TYPES: Partial<Record<TokenKind, string>> = {
  [TokenKind.SESSION]: 'JWT',
  [TokenKind.MFA_CHALLENGE]: 'mfa+jwt',
  [TokenKind.CALLER_ASSERTION]: 'caller+jwt',
  [TokenKind.PRINCIPAL_ATTESTATION]: 'principal+jwt',
  [TokenKind.PRINCIPAL_FACTS]: 'facts+jwt',
};

@RpcController(TokenSigningServiceDefinition)
export class TokensGrpc implements RpcHandlers<typeof TokenSigningServiceDefinition> {
  constructor(private readonly tokens: TokensService) {}

  async signTokens({ tokens }: SignTokensRequest) {
    return {
      tokens: await this.tokens.sign(tokens.map(({ kind, claimsJson }) => ({ type: typeOf(kind), claimsJson }))),
    };
  }
}

function typeOf(kind: TokenKind): string {
  const type = TYPES[kind];
  if (type === undefined) throw invalid('The kind of token is not known.', { kind: 'is not known' });
  return type;
}
