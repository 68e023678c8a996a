import { Controller } from '@nestjs/common';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { VaultClients } from '../upstreams/vault-clients.js';
import { toKekRotationResponse } from './kek-rotations.mapper.js';
import { getKekRotation, rotateKek } from './kek-rotations.operations.js';

@Controller()
export class KekRotationsController {
  constructor(private readonly clients: VaultClients) {}

  @Operation(rotateKek)
  async start(call: SessionCall, { params }: InputOf<typeof rotateKek>) {
    const { rotation } = await this.clients.kekRotations.startKekRotation({ vaultId: params.vault_id }, call);
    return toKekRotationResponse(rotation);
  }

  @Operation(getKekRotation)
  async get(call: SessionCall, { params }: InputOf<typeof getKekRotation>) {
    const { rotation } = await this.clients.kekRotations.getKekRotation({ vaultId: params.vault_id }, call);
    return toKekRotationResponse(rotation);
  }
}
