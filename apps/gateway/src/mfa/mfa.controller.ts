import { Controller } from '@nestjs/common';
import type { PublicCall, SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { toTokenResponse } from '../auth/auth.mapper.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { toDisableRequest } from './mfa.mapper.js';
import { mfaDisable, mfaSetup, mfaStatus, mfaVerify, mfaVerifySetup } from './mfa.operations.js';
import { qrCodeOf } from './qr-code.js';

@Controller()
export class MfaController {
  constructor(private readonly clients: AuthClients) {}

  @Operation(mfaStatus)
  async status(call: SessionCall) {
    const { enabled } = await this.clients.mfa.getMfaStatus({}, call);
    return { enabled };
  }

  @Operation(mfaSetup)
  async begin(call: SessionCall) {
    const { otpauthUri, secret } = await this.clients.mfa.beginMfaSetup({}, call);
    return { otpauth_uri: otpauthUri, secret, qr_code: await qrCodeOf(otpauthUri) };
  }

  @Operation(mfaVerifySetup)
  async finish(call: SessionCall, { body }: InputOf<typeof mfaVerifySetup>) {
    const { recoveryCodes } = await this.clients.mfa.finishMfaSetup(body, call);
    return { recovery_codes: recoveryCodes };
  }

  @Operation(mfaVerify)
  async verify(call: PublicCall, { body }: InputOf<typeof mfaVerify>) {
    const { token } = await this.clients.mfaLogins.verifyMfa({ mfaToken: body.mfa_token, code: body.code }, call);
    return toTokenResponse(token);
  }

  @Operation(mfaDisable)
  async disable(call: SessionCall, { body }: InputOf<typeof mfaDisable>) {
    await this.clients.mfa.disableMfa(toDisableRequest(body), call);
  }
}
