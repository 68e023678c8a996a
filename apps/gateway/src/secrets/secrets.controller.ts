import { Controller } from '@nestjs/common';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { orAbsent } from '../api/wire.js';
import { VaultClients } from '../upstreams/vault-clients.js';
import { SecretBatches } from './secret-batches.js';
import { toMetadataResponse, toPutItem, toSecretResponse } from './secrets.mapper.js';
import { deleteSecret, getSecret, listSecrets, putSecret } from './secrets.operations.js';

@Controller()
export class SecretsController {
  constructor(
    private readonly clients: VaultClients,
    private readonly secrets: SecretBatches,
  ) {}

  @Operation(listSecrets)
  async list(call: SessionCall, { params, query }: InputOf<typeof listSecrets>) {
    const { prefix, ...page } = query;
    const request = { vaultId: params.vault_id, prefix: prefix ?? '', page };
    const { secrets, nextCursor } = await this.clients.secretReads.listSecrets(request, call);
    return { secrets: secrets.map(toMetadataResponse), next_cursor: orAbsent(nextCursor) };
  }

  @Operation(putSecret)
  async put(call: SessionCall, { params, body }: InputOf<typeof putSecret>) {
    return toMetadataResponse(await this.secrets.put(call, toPutItem(params, body)));
  }

  @Operation(getSecret)
  async get(call: SessionCall, { params, query }: InputOf<typeof getSecret>) {
    const item = { vaultId: params.vault_id, path: params.path, version: query.version ?? 0 };
    return toSecretResponse(await this.secrets.read(call, item));
  }

  @Operation(deleteSecret)
  async delete(call: SessionCall, { params }: InputOf<typeof deleteSecret>) {
    await this.clients.secretWrites.deleteSecret({ vaultId: params.vault_id, path: params.path }, call);
  }
}
