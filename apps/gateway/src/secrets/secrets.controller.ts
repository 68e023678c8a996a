import { Controller } from '@nestjs/common';
import type { SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { OtherAnswer } from '../api/other-answer.js';
import { answerList, type WantedPart } from '../api/streamed-list.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { VaultClients } from '../upstreams/vault-clients.js';
import { NotModified, SecretBatches } from './secret-batches.js';
import { tagged, toMetadataResponse, toPutItem, toSecretResponse, toVersionEntry } from './secrets.mapper.js';
import { deleteSecret, getSecret, listSecrets, putSecret, restoreSecret } from './secrets.operations.js';
import { toPreconditions, versionTag } from './version-tags.js';

const VERSIONS_PER_PAGE = 100;

@Controller()
export class SecretsController {
  constructor(
    private readonly clients: VaultClients,
    private readonly secrets: SecretBatches,
    private readonly sessions: SessionsService,
  ) {}

  @Operation(listSecrets)
  async list(call: SessionCall, { params, query }: InputOf<typeof listSecrets>) {
    const { prefix = '', ...page } = query;
    const request = { vaultId: params.vault_id, prefix };
    return answerList('secrets', page, async (part) => {
      const own = await this.callFor(part, call);
      const { secrets, nextCursor } = await this.clients.secretReads.listSecrets({ ...request, page: part }, own);
      return { entries: secrets.map(toMetadataResponse), nextCursor };
    });
  }

  @Operation(putSecret)
  async put(call: SessionCall, input: InputOf<typeof putSecret>) {
    return tagged(toMetadataResponse(await this.secrets.put(call, toPutItem(input))));
  }

  @Operation(getSecret)
  async get(call: SessionCall, { params, query, headers }: InputOf<typeof getSecret>) {
    const { vault_id: vaultId, path } = params;
    if (query.versions === 'true') return this.versions(call, { vaultId, path }, query);
    const item = { vaultId, path, version: query.version ?? 0, preconditions: toPreconditions(headers) };
    const read = await this.secrets.read(call, item);
    if (read instanceof NotModified) throw new OtherAnswer(304, undefined, { etag: versionTag(read.version) });
    return tagged(toSecretResponse(read));
  }

  @Operation(deleteSecret)
  async delete(call: SessionCall, { params, headers }: InputOf<typeof deleteSecret>) {
    const request = { vaultId: params.vault_id, path: params.path, preconditions: toPreconditions(headers) };
    await this.clients.secretWrites.deleteSecret(request, call);
  }

  @Operation(restoreSecret)
  async restore(call: SessionCall, { params, body }: InputOf<typeof restoreSecret>) {
    const request = { vaultId: params.vault_id, path: body.path };
    const { secret } = await this.clients.secretWrites.restoreSecret(request, call);
    return tagged(toMetadataResponse(secret));
  }

  private versions(
    call: SessionCall,
    secret: { vaultId: string; path: string },
    { limit = VERSIONS_PER_PAGE, cursor }: InputOf<typeof getSecret>['query'],
  ) {
    return answerList('versions', { limit, cursor }, async (part) => {
      const own = await this.callFor(part, call);
      const { versions, nextCursor } = await this.clients.secretReads.listVersions({ ...secret, page: part }, own);
      return { entries: versions.map(toVersionEntry), nextCursor };
    });
  }

  /** A list can outlast the assertion of its caller, who can be turned away meanwhile: each part but the first asks anew. */
  private async callFor({ first }: WantedPart, call: SessionCall): Promise<SessionCall> {
    return first ? call : await this.sessions.again(call);
  }
}
