import { Controller } from '@nestjs/common';
import { invalid } from '@oneclaw/errors';
import type { PublicCall, SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { bearerToken } from '../sessions/bearer-token.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { proofOf } from './agent-proof.js';
import { AgentTokens } from './agent-tokens.js';
import { toAgentTokenResponse, toLoginResponse } from './auth.mapper.js';
import { agentToken, googleLogin, login, refreshToken, revokeToken } from './auth.operations.js';

/** Tokens come and go here. */
@Controller()
export class TokensController {
  constructor(
    private readonly clients: AuthClients,
    private readonly agentTokens: AgentTokens,
    private readonly sessions: SessionsService,
  ) {}

  @Operation(login)
  async login(call: PublicCall, { body }: InputOf<typeof login>) {
    return toLoginResponse(await this.clients.accounts.logIn(body, call));
  }

  @Operation(googleLogin)
  async loginWithGoogle(call: PublicCall, { body }: InputOf<typeof googleLogin>) {
    return toLoginResponse(await this.clients.google.logInWithGoogle({ idToken: body.id_token }, call));
  }

  @Operation(agentToken)
  async exchangeKey(call: PublicCall, { body }: InputOf<typeof agentToken>) {
    const result = await this.agentTokens.exchange(call, proofOf(body, call.clientFingerprint));
    return toAgentTokenResponse(result, body.agent_id !== undefined);
  }

  @Operation(refreshToken)
  refresh(): void {
    throw invalid('Refresh tokens not yet implemented');
  }

  @Operation(revokeToken)
  async revoke(call: SessionCall) {
    await this.clients.sessions.revokeToken({ token: bearerToken(call.authorization) }, call);
    this.sessions.forget(`jti:${call.session.jti}`);
  }
}
