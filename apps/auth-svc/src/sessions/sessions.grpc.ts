import {
  type ListSigningKeysRequest,
  type RecordRefusalsRequest,
  type ResolveCallersRequest,
  type ResolveResult,
  type RevokeTokenRequest,
  SessionServiceDefinition,
} from '@oneclaw/contracts/auth';
import { invalid } from '@oneclaw/errors';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { RefusalsService } from '../audit/refusals.service.js';
import { SigningKeysService } from '../tokens/signing-keys.service.js';
import { type Resolution, ResolveService } from './resolve.service.js';
import { RevokeService } from './revoke.service.js';

const MAX_TOKENS = 100;

@RpcController(SessionServiceDefinition)
export class SessionsGrpc implements RpcHandlers<typeof SessionServiceDefinition> {
  constructor(
    private readonly resolving: ResolveService,
    private readonly revoking: RevokeService,
    private readonly signingKeys: SigningKeysService,
    private readonly refusals: RefusalsService,
  ) {}

  async resolveCallers({ tokens }: ResolveCallersRequest, call: CallContext) {
    if (tokens.length < 1 || tokens.length > MAX_TOKENS) throw invalid(`Between 1 and ${MAX_TOKENS} tokens at once.`);
    const { resolutions, ipRules } = await this.resolving.resolve(tokens, call);
    return { results: resolutions.map(toResult), ipRules };
  }

  async revokeToken({ token }: RevokeTokenRequest, call: CallContext) {
    await this.revoking.revoke(token, call);
    return {};
  }

  async listSigningKeys(_request: ListSigningKeysRequest, call: CallContext) {
    return { keys: await this.signingKeys.list(call) };
  }

  async recordRefusals({ refusals }: RecordRefusalsRequest) {
    await this.refusals.record(refusals);
    return {};
  }
}

function toResult(resolution: Resolution): ResolveResult {
  if ('refusal' in resolution) return { refusal: resolution.refusal, caller: undefined };
  const { caller, assertion, endsAt } = resolution;
  return {
    refusal: '',
    caller: {
      assertion: assertion.jws,
      assertionExpiresAt: assertion.expiresAt,
      principalType: caller.type,
      principalId: caller.id,
      orgId: caller.orgId,
      role: caller.role ?? '',
      jti: caller.sessionId,
      tokenExpiresAt: endsAt ?? assertion.expiresAt,
      sessionKind: caller.sessionKind,
      areaScopes: caller.areaScopes,
      scoped: caller.sessionKind === 'api_key' && (caller.areaScopes.length > 0 || caller.pathScopes.length > 0),
    },
  };
}
