import { requireCaller } from '@oneclaw/caller';
import {
  type GetKekRotationRequest,
  KekRotationServiceDefinition,
  type StartKekRotationRequest,
} from '@oneclaw/contracts/vault';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { attemptOn } from '../audit/attempt.js';
import { RefusalTrail } from '../audit/refusal-trail.js';
import { checkUuid } from '../validation/uuid.js';
import type { KekRotation } from './kek-rotation.entity.js';
import { KekRotationsService } from './kek-rotations.service.js';

@RpcController(KekRotationServiceDefinition)
export class KekRotationsGrpc implements RpcHandlers<typeof KekRotationServiceDefinition> {
  constructor(
    private readonly rotations: KekRotationsService,
    private readonly refusals: RefusalTrail,
  ) {}

  async startKekRotation(request: StartKekRotationRequest, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    const vaultId = checkUuid(request.vaultId, 'vault_id');
    const attempt = attemptOn(caller, context, 'vault.rotate_kek', vaultId);
    const rotation = await this.refusals.guard(attempt, () => this.rotations.start(caller, vaultId, context));
    return { rotation: toProto(rotation) };
  }

  async getKekRotation(request: GetKekRotationRequest, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    const vaultId = checkUuid(request.vaultId, 'vault_id');
    const attempt = attemptOn(caller, context, 'vault.read', vaultId);
    const rotation = await this.refusals.guard(attempt, () => this.rotations.getLatest(caller, vaultId));
    return { rotation: toProto(rotation) };
  }
}

function toProto({ completedAt, ...rotation }: KekRotation) {
  return { ...rotation, completedAt: completedAt ?? undefined };
}
