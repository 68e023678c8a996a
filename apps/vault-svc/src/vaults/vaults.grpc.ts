import { requireCaller } from '@oneclaw/caller';
import {
  type CreateVaultRequest,
  type DeleteVaultRequest,
  type GetVaultRequest,
  type ListVaultsRequest,
  VaultServiceDefinition,
} from '@oneclaw/contracts/vault';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { attemptOn } from '../audit/attempt.js';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { RefusalTrail } from '../audit/refusal-trail.js';
import { checkUuid } from '../validation/uuid.js';
import { vaultToProto } from './vault.proto.js';
import { VaultsService } from './vaults.service.js';

@RpcController(VaultServiceDefinition)
export class VaultsGrpc implements RpcHandlers<typeof VaultServiceDefinition> {
  constructor(
    private readonly vaults: VaultsService,
    private readonly refusals: RefusalTrail,
  ) {}

  async createVault(request: CreateVaultRequest, context: CallContext) {
    const caller = requireCaller(context.caller, 'user');
    const attempt = {
      ...actorOf(caller),
      ...originOf(context),
      action: 'vault.create' as const,
      resourceType: 'vault',
    };
    return {
      vault: vaultToProto(await this.refusals.guard(attempt, () => this.vaults.create(caller, request, context))),
    };
  }

  async listVaults({ page }: ListVaultsRequest, context: CallContext) {
    const caller = requireCaller(context.caller);
    const { vaults, nextCursor } = await this.vaults.list(caller, page?.limit ?? 0, page?.cursor ?? '');
    return { vaults: vaults.map(vaultToProto), nextCursor };
  }

  async getVault(request: GetVaultRequest, context: CallContext) {
    const caller = requireCaller(context.caller);
    const vaultId = checkUuid(request.vaultId, 'vault_id');
    const attempt = attemptOn(caller, context, 'vault.read', vaultId);
    return { vault: vaultToProto(await this.refusals.guard(attempt, () => this.vaults.get(caller, vaultId))) };
  }

  async deleteVault(request: DeleteVaultRequest, context: CallContext) {
    const caller = requireCaller(context.caller);
    const vaultId = checkUuid(request.vaultId, 'vault_id');
    const attempt = attemptOn(caller, context, 'vault.delete', vaultId);
    await this.refusals.guard(attempt, () => this.vaults.delete(caller, vaultId, context));
    return {};
  }
}
