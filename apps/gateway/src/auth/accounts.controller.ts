import { Controller } from '@nestjs/common';
import type { PublicCall, SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { toProfileResponse, toTokenResponse } from './auth.mapper.js';
import { getMe, signup } from './auth.operations.js';

const WELCOME = 'Account created. Please confirm your email address with the link that we have sent.';
const JOINED = 'Account created. You have joined the organisation that invited you.';

@Controller()
export class AccountsController {
  constructor(private readonly clients: AuthClients) {}

  @Operation(signup)
  async signUp(call: PublicCall, { body }: InputOf<typeof signup>) {
    const { display_name: displayName, invite_token: inviteToken, email, password } = body;
    const request = { email, password, displayName, inviteToken };
    const answer = await this.clients.accounts.signUp(request, call);
    return { ...toTokenResponse(answer.token), message: answer.joined ? JOINED : WELCOME, email: answer.email };
  }

  @Operation(getMe)
  async getMe(call: SessionCall) {
    const { profile } = await this.clients.accounts.getProfile({}, call);
    return toProfileResponse(profile);
  }
}
