import { Controller } from '@nestjs/common';
import type { PublicCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { toLoginResponse } from './auth.mapper.js';
import { verifyEmail } from './verification.operations.js';

@Controller()
export class VerificationController {
  constructor(private readonly clients: AuthClients) {}

  @Operation(verifyEmail)
  async verify(call: PublicCall, { body }: InputOf<typeof verifyEmail>) {
    return toLoginResponse(await this.clients.verification.verifyEmail(body, call));
  }
}
