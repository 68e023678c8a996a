import { requireCaller } from '@oneclaw/caller';
import {
  type DeleteSecretRequest,
  type PutSecretItem,
  type PutSecretResult,
  type PutSecretsRequest,
  type RestoreSecretRequest,
  SecretWriteServiceDefinition,
} from '@oneclaw/contracts/vault';
import { isDomainError, type DomainError } from '@oneclaw/errors';
import { RpcController, toErrorDetail, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { BatchCallers, callerAt, type BatchCallerOutcome } from '../access/batch-callers.js';
import { attemptOn } from '../audit/attempt.js';
import { RefusalTrail } from '../audit/refusal-trail.js';
import { checkUuid } from '../validation/uuid.js';
import { DeleteSecretService } from './delete-secret.service.js';
import { checkPut } from './put-input.js';
import { checkSecretPath } from './secret-path.js';
import { toMetadata } from './secret.entity.js';
import { WriteQueue } from './write-queue.js';

@RpcController(SecretWriteServiceDefinition)
export class SecretWriteGrpc implements RpcHandlers<typeof SecretWriteServiceDefinition> {
  constructor(
    private readonly callers: BatchCallers,
    private readonly writes: WriteQueue,
    private readonly deletions: DeleteSecretService,
    private readonly refusals: RefusalTrail,
  ) {}

  async putSecrets(request: PutSecretsRequest, { deadline }: CallContext) {
    const callers = await this.callers.verify(request.callers);
    return { results: await Promise.all(request.items.map((item) => this.putOne(item, callers, deadline))) };
  }

  async deleteSecret(request: DeleteSecretRequest, context: CallContext) {
    const caller = requireCaller(context.caller);
    const vaultId = checkUuid(request.vaultId, 'vault_id');
    const { path, preconditions } = request;
    checkSecretPath(path);
    const attempt = attemptOn(caller, context, 'secret.delete', vaultId, { path });
    await this.refusals.guard(attempt, () => this.deletions.delete(caller, vaultId, path, preconditions, context));
    return {};
  }

  async restoreSecret(request: RestoreSecretRequest, context: CallContext) {
    const caller = requireCaller(context.caller);
    const vaultId = checkUuid(request.vaultId, 'vault_id');
    const { path } = request;
    checkSecretPath(path);
    const attempt = attemptOn(caller, context, 'secret.restore', vaultId, { path });
    const secret = await this.refusals.guard(attempt, () => this.deletions.restore(caller, vaultId, path, context));
    return { secret: toMetadata(secret) };
  }

  private async putOne(
    item: PutSecretItem,
    callers: readonly BatchCallerOutcome[],
    deadline: number,
  ): Promise<PutSecretResult> {
    try {
      const by = callerAt(callers, item.callerIndex);
      if (isDomainError(by)) throw by;
      const metadata = await this.writes.put({ by, input: checkPut(item), deadline });
      return { outcome: { $case: 'secret', value: toMetadata(metadata) } };
    } catch (error) {
      if (!isDomainError(error)) throw error;
      return { outcome: { $case: 'error', value: toErrorDetail(error as DomainError) } };
    }
  }
}
