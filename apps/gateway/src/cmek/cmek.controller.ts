import { Controller } from '@nestjs/common';
import type { Admitting } from '../api/admission.js';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf, OperationSpec } from '../api/operation.js';
import { VaultClients } from '../upstreams/vault-clients.js';
import { toVaultResponse } from '../vaults/vaults.mapper.js';
import { toCmekRotationJobResponse } from './cmek.mapper.js';
import { disableCmek, enableCmek, getCmekRotationJob, rotateCmek } from './cmek.operations.js';

@Controller()
export class CmekController implements Admitting {
  constructor(private readonly clients: VaultClients) {}

  /** The plan comes first: an org that cannot have it is told so whatever it sends. */
  async admit(call: SessionCall, { audit }: OperationSpec, params: unknown) {
    const { vault_id: vaultId } = params as { vault_id: string };
    await this.clients.cmek.admitCmek({ vaultId, action: audit?.action ?? '' }, call);
  }

  @Operation(enableCmek)
  async enable(call: SessionCall, { params, body }: InputOf<typeof enableCmek>) {
    const { fingerprint } = body;
    const { vault } = await this.clients.cmek.enableCmek({ vaultId: params.vault_id, fingerprint }, call);
    return toVaultResponse(vault);
  }

  @Operation(disableCmek)
  async disable(call: SessionCall, { params }: InputOf<typeof disableCmek>) {
    const { vault } = await this.clients.cmek.disableCmek({ vaultId: params.vault_id }, call);
    return toVaultResponse(vault);
  }

  @Operation(rotateCmek)
  async rotate(call: SessionCall, { params, headers, body }: InputOf<typeof rotateCmek>) {
    const [oldKey, newKey] = [keyFrom(headers['x-cmek-old-key']), keyFrom(headers['x-cmek-new-key'])];
    try {
      const request = { vaultId: params.vault_id, newFingerprint: body.new_fingerprint, oldKey, newKey };
      const { rotation } = await this.clients.cmek.rotateCmek(request, call);
      return toCmekRotationJobResponse(rotation);
    } finally {
      oldKey.fill(0);
      newKey.fill(0);
    }
  }

  @Operation(getCmekRotationJob)
  async get(call: SessionCall, { params }: InputOf<typeof getCmekRotationJob>) {
    const request = { vaultId: params.vault_id, rotationId: params.job_id };
    const { rotation } = await this.clients.cmek.getCmekRotation(request, call);
    return toCmekRotationJobResponse(rotation);
  }
}

function keyFrom(header: string): Buffer {
  return Buffer.from(header, 'base64');
}
