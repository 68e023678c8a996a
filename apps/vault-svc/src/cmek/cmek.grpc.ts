import type { AuditAction } from '@oneclaw/events';
import { requireCaller } from '@oneclaw/caller';
import {
  type AdmitCmekRequest,
  type DisableCmekRequest,
  type EnableCmekRequest,
  type GetCmekRotationRequest,
  type RotateCmekRequest,
  VaultCmekServiceDefinition,
} from '@oneclaw/contracts/vault';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { attemptOn } from '../audit/attempt.js';
import { RefusalTrail } from '../audit/refusal-trail.js';
import { checkUuid } from '../validation/uuid.js';
import { vaultToProto } from '../vaults/vault.proto.js';
import { CmekAccess } from './cmek-access.js';
import { INTERRUPTED, type CmekRotation } from './cmek-rotation.entity.js';
import { CmekService } from './cmek.service.js';
import { RotateCmekService } from './rotate-cmek.service.js';

@RpcController(VaultCmekServiceDefinition)
export class CmekGrpc implements RpcHandlers<typeof VaultCmekServiceDefinition> {
  constructor(
    private readonly access: CmekAccess,
    private readonly cmek: CmekService,
    private readonly rotations: RotateCmekService,
    private readonly refusals: RefusalTrail,
  ) {}

  async admitCmek(request: AdmitCmekRequest, context: CallContext) {
    const action = request.action === 'cmek.rotate' ? 'cmek.rotate' : 'cmek.enable';
    const { caller, attempt } = this.attempted(action, request, context);
    await this.refusals.guard(attempt, () => this.access.requirePlan(caller, context));
    return {};
  }

  async enableCmek(request: EnableCmekRequest, context: CallContext) {
    const { caller, vaultId, attempt } = this.attempted('cmek.enable', request, context);
    const vault = await this.refusals.guard(attempt, () =>
      this.cmek.enable(caller, vaultId, request.fingerprint, context),
    );
    return { vault: vaultToProto(vault) };
  }

  async disableCmek(request: DisableCmekRequest, context: CallContext) {
    const { caller, vaultId, attempt } = this.attempted('cmek.disable', request, context);
    const vault = await this.refusals.guard(attempt, () => this.cmek.disable(caller, vaultId, context));
    return { vault: vaultToProto(vault) };
  }

  async rotateCmek(request: RotateCmekRequest, context: CallContext) {
    const { caller, vaultId, attempt } = this.attempted('cmek.rotate', request, context);
    const rotation = await this.refusals.guard(attempt, () =>
      this.rotations.rotate(caller, { ...request, vaultId }, context),
    );
    return { rotation: toProto(rotation) };
  }

  async getCmekRotation(request: GetCmekRotationRequest, context: CallContext) {
    const { caller, vaultId, attempt } = this.attempted('vault.read', request, context);
    const id = checkUuid(request.rotationId, 'job_id');
    const rotation = await this.refusals.guard(attempt, () => this.rotations.get(caller, vaultId, id));
    return { rotation: toProto(rotation) };
  }

  private attempted(action: AuditAction, request: { vaultId: string }, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    const vaultId = checkUuid(request.vaultId, 'vault_id');
    return { caller, vaultId, attempt: attemptOn(caller, context, action, vaultId) };
  }
}

/** One that nobody goes on with has failed, as far as anyone who waits for it is concerned. */
function toProto({ abandoned, status, error, completedAt, ...rotation }: CmekRotation) {
  return {
    ...rotation,
    status: abandoned ? 'failed' : status,
    error: abandoned ? INTERRUPTED : (error ?? ''),
    completedAt: completedAt ?? undefined,
  };
}
