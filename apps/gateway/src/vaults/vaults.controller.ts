import { Controller } from '@nestjs/common';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { orAbsent } from '../api/wire.js';
import { VaultClients } from '../upstreams/vault-clients.js';
import { toVaultResponse } from './vaults.mapper.js';
import { createVault, deleteVault, getVault, listVaults } from './vaults.operations.js';

@Controller()
export class VaultsController {
  constructor(private readonly clients: VaultClients) {}

  @Operation(createVault)
  async create(call: SessionCall, { body }: InputOf<typeof createVault>) {
    const { vault } = await this.clients.vaults.createVault(body, call);
    return toVaultResponse(vault);
  }

  @Operation(listVaults)
  async list(call: SessionCall, { query }: InputOf<typeof listVaults>) {
    const { vaults, nextCursor } = await this.clients.vaults.listVaults({ page: query }, call);
    return { vaults: vaults.map(toVaultResponse), next_cursor: orAbsent(nextCursor) };
  }

  @Operation(getVault)
  async get(call: SessionCall, { params }: InputOf<typeof getVault>) {
    const { vault } = await this.clients.vaults.getVault({ vaultId: params.vault_id }, call);
    return toVaultResponse(vault);
  }

  @Operation(deleteVault)
  async delete(call: SessionCall, { params }: InputOf<typeof deleteVault>) {
    await this.clients.vaults.deleteVault({ vaultId: params.vault_id }, call);
  }
}
