import { Controller } from '@nestjs/common';
import type { PublicCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import { present } from '../api/wire.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { toJwk } from './auth.mapper.js';
import { getJwks, getJwtPublicKey } from './auth.operations.js';

/** Whoever wants to verify our tokens without asking us. */
@Controller()
export class SigningKeysController {
  constructor(private readonly clients: AuthClients) {}

  @Operation(getJwtPublicKey)
  async getPublicKey(call: PublicCall) {
    const { keys } = await this.clients.sessions.listSigningKeys({}, call);
    const { publicKey } = present(
      keys.find((key) => key.current),
      'a current signing key',
    );
    return { alg: 'EdDSA' as const, public_key_base64: publicKey.toString('base64') };
  }

  @Operation(getJwks)
  async getJwks(call: PublicCall) {
    const { keys } = await this.clients.sessions.listSigningKeys({}, call);
    return { keys: keys.map(toJwk) };
  }
}
