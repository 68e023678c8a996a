import { Controller } from '@nestjs/common';
import { Operation } from '../api/operation.decorator.js';
import { present } from '../api/wire.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { Recent } from '../upstreams/recent.js';
import { toJwk } from './auth.mapper.js';
import { getJwks, getJwtPublicKey } from './auth.operations.js';

const MAX_AGE_MS = 1000;

/** Whoever wants to verify our tokens without asking us. Anybody may, as often as they like: auth-svc is asked once a second. */
@Controller()
export class SigningKeysController {
  private readonly keys: Recent<Awaited<ReturnType<AuthClients['sessions']['listSigningKeys']>>>;

  constructor(clients: AuthClients) {
    this.keys = new Recent(() => clients.sessions.listSigningKeys({}, { requestId: 'signing-keys' }), MAX_AGE_MS);
  }

  @Operation(getJwtPublicKey)
  async getPublicKey() {
    const { keys } = await this.keys.get();
    const { publicKey } = present(
      keys.find((key) => key.current),
      'a current signing key',
    );
    return { alg: 'EdDSA' as const, public_key_base64: publicKey.toString('base64') };
  }

  @Operation(getJwks)
  async getJwks() {
    const { keys } = await this.keys.get();
    return { keys: keys.map(toJwk) };
  }
}
