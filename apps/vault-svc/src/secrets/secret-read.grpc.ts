import { requireCaller } from '@oneclaw/caller';
import {
  type ListSecretsRequest,
  type ListVersionsRequest,
  type ReadSecretItem,
  type ReadSecretResult,
  type ReadSecretsRequest,
  SecretReadServiceDefinition,
} from '@oneclaw/contracts/vault';
import { DomainError, isDomainError } from '@oneclaw/errors';
import { RpcController, toErrorDetail, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { BatchCallers, callerAt, type BatchCallerOutcome } from '../access/batch-callers.js';
import { attemptOn } from '../audit/attempt.js';
import { RefusalTrail } from '../audit/refusal-trail.js';
import { checkUuid } from '../validation/uuid.js';
import { ListSecretsService } from './list-secrets.service.js';
import { ListVersionsService, type VersionPage } from './list-versions.service.js';
import { ReadSecretsService } from './read-secrets.service.js';
import { MAX_VERSION } from './preconditions.js';
import { checkSecretPath } from './secret-path.js';
import type { SecretRead } from './secret-read.js';
import { toMetadata } from './secret.entity.js';

@RpcController(SecretReadServiceDefinition)
export class SecretReadGrpc implements RpcHandlers<typeof SecretReadServiceDefinition> {
  constructor(
    private readonly callers: BatchCallers,
    private readonly readSecretsService: ReadSecretsService,
    private readonly listSecretsService: ListSecretsService,
    private readonly listVersionsService: ListVersionsService,
    private readonly refusals: RefusalTrail,
  ) {}

  async readSecrets(request: ReadSecretsRequest, context: CallContext) {
    const callers = await this.callers.verify(request.callers);
    const items = request.items.map((item) => toRead(item, callers));
    await this.readSecretsService.read(items.filter((item) => !isDomainError(item)) as SecretRead[], context);
    return { results: items.map(toResult) };
  }

  async listSecrets({ vaultId: id, prefix, page }: ListSecretsRequest, context: CallContext) {
    const caller = requireCaller(context.caller);
    const vaultId = checkUuid(id, 'vault_id');
    const attempt = attemptOn(caller, context, 'secret.list', vaultId, { prefix });
    const { secrets, nextCursor } = await this.refusals.guard(attempt, () =>
      this.listSecretsService.list(
        caller,
        { vaultId, prefix, limit: page?.limit ?? 0, cursor: page?.cursor ?? '' },
        context,
      ),
    );
    return { secrets: secrets.map(toMetadata), nextCursor };
  }

  async listVersions({ vaultId: id, path, page }: ListVersionsRequest, context: CallContext) {
    const caller = requireCaller(context.caller);
    const vaultId = checkUuid(id, 'vault_id');
    checkSecretPath(path);
    const attempt = attemptOn(caller, context, 'secret.list', vaultId, { path });
    const input = { vaultId, path, limit: page?.limit ?? 0, cursor: page?.cursor ?? '' };
    const { secretId, versions, nextCursor } = await this.refusals.guard(attempt, () =>
      this.listVersionsService.list(caller, input, context),
    );
    return { versions: versions.map((version) => toListed(version, secretId, path)), nextCursor };
  }
}

function toRead(item: ReadSecretItem, callers: readonly BatchCallerOutcome[]): SecretRead | DomainError {
  try {
    const by = callerAt(callers, item.callerIndex);
    if (isDomainError(by)) return by;
    const vaultId = checkUuid(item.vaultId, 'vault_id');
    checkSecretPath(item.path);
    const requestedVersion = Math.min(item.version, MAX_VERSION);
    return { by, vaultId, path: item.path, requestedVersion, preconditions: item.preconditions };
  } catch (error) {
    if (isDomainError(error)) return error;
    throw error;
  }
}

function toListed(version: VersionPage['versions'][number], id: string, path: string) {
  const { createdBy, state, maxAccessCount, accessCount, cmekFingerprint } = version;
  const metadata = toMetadata({ ...version, id, path });
  const counts = { maxAccessCount: maxAccessCount ?? undefined, accessCount };
  return { metadata, createdBy, state, ...counts, cmekEncrypted: cmekFingerprint !== null };
}

function toResult(item: SecretRead | DomainError): ReadSecretResult {
  if (isDomainError(item)) return { outcome: { $case: 'error', value: toErrorDetail(item) } };
  const { found, value, error, notModified, deferred } = item;
  if (deferred) return { outcome: { $case: 'deferred', value: true } };
  const version = found?.version;
  if (notModified && version) return { outcome: { $case: 'notModified', value: version.version } };
  if (error || !value || !version) return { outcome: { $case: 'error', value: toErrorDetail(error) } };
  const { createdBy, cmekFingerprint } = version;
  const secret = { metadata: toMetadata(version), value, createdBy, cmekEncrypted: cmekFingerprint !== null };
  return { outcome: { $case: 'secret', value: secret } };
}
