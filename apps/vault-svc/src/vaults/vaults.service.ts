import { Injectable } from '@nestjs/common';
import { isManager, type Caller } from '@oneclaw/caller';
import { cursorOf, transaction } from '@oneclaw/database';
import { notFound, permissionDenied } from '@oneclaw/errors';
import { auditEvent } from '@oneclaw/events';
import type { Plan } from '@oneclaw/contracts/billing';
import { OrgPlans, limitReached, type CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { commitEvents } from '../audit/commit-events.js';
import { VaultAccess } from '../access/vault-access.js';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { Refused } from '../audit/refusal-trail.js';
import { EnvelopesClient } from '../crypto/envelopes.client.js';
import { PoliciesRepository } from '../policies/policies.repository.js';
import type { Vault } from './vault.entity.js';
import { checkNewVault, type CheckedVault, type VaultInput } from './vault-input.js';
import { VaultSweeper } from './vault-sweeper.js';
import { VaultsRepository } from './vaults.repository.js';

const CURSOR = cursorOf({ system: 'integer', id: 'uuid' });

export interface VaultPage {
  vaults: Vault[];
  nextCursor: string;
}

@Injectable()
export class VaultsService {
  constructor(
    private readonly database: DataSource,
    private readonly vaults: VaultsRepository,
    private readonly policies: PoliciesRepository,
    private readonly access: VaultAccess,
    private readonly envelopes: EnvelopesClient,
    private readonly sweeper: VaultSweeper,
    private readonly plans: OrgPlans,
  ) {}

  async create(caller: Caller, input: VaultInput, call: CallContext): Promise<Vault> {
    const checked = checkNewVault(input);
    return await this.plans.within(caller.orgId, call, (plan) => this.createWithin(plan, caller, checked, call));
  }

  /** The HSM makes no key for nothing: whether there is room is looked at before, and again where nobody else can take it. */
  private async createWithin(plan: Plan, caller: Caller, checked: CheckedVault, call: CallContext): Promise<Vault> {
    const { vaultLimit } = plan;
    if (vaultLimit !== undefined) requireRoom(plan, await this.vaults.count(this.database, caller.orgId));
    const kek = await this.envelopes.createKek(call);
    const id = uuidv7();
    return await transaction(this.database, async (manager) => {
      if (vaultLimit !== undefined) requireRoom(plan, await this.vaults.countAlone(manager, caller.orgId));
      const own = { id, orgId: caller.orgId, createdBy: caller.id, createdByType: 'user' as const, kek };
      const vault = (await this.vaults.insert(manager, { ...own, ...checked })) as Vault;
      await commitEvents(manager, [eventOf('vault.create', caller, vault, call)]);
      return vault;
    });
  }

  /** `limit` 0 = all. */
  async list(caller: Caller, limit: number, cursor: string): Promise<VaultPage> {
    const decoded = CURSOR.decode(cursor);
    const after = decoded && { system: decoded.system === 1, id: decoded.id };
    const count = limit > 0 ? limit + 1 : undefined;
    const found = isManager(caller)
      ? await this.vaults.list(this.database, caller.orgId, after, count)
      : await this.vaults.listGranted(this.database, caller, after, count);
    if (limit === 0 || found.length <= limit) return { vaults: found, nextCursor: '' };
    const vaults = found.slice(0, limit);
    const last = vaults[limit - 1] as Vault;
    return { vaults, nextCursor: CURSOR.encode({ system: last.createdByType === 'system' ? 1 : 0, id: last.id }) };
  }

  async get(caller: Caller, vaultId: string): Promise<Vault> {
    return (await this.access.findVisible(caller, vaultId)).vault;
  }

  /** From the commit on nothing in the vault opens; its rows are swept away afterwards. */
  async delete(caller: Caller, vaultId: string, call: CallContext): Promise<void> {
    const vault = await this.access.findManaged(caller, vaultId);
    if (vault.createdByType === 'system') {
      throw new Refused(permissionDenied('The vault of agent keys cannot be deleted.'), 'system_vault');
    }
    await transaction(this.database, async (manager) => {
      if (!(await this.vaults.destroy(manager, caller.orgId, vaultId))) throw notFound('Vault');
      await this.policies.deleteAll(manager, caller.orgId, vaultId);
      await commitEvents(manager, [eventOf('vault.delete', caller, vault, call)]);
    });
    this.sweeper.hint();
  }
}

function requireRoom({ vaultLimit = Infinity, tier }: Plan, count: number): void {
  if (count >= vaultLimit) throw limitReached('Vault', count, vaultLimit, tier);
}

function eventOf(action: 'vault.create' | 'vault.delete', caller: Caller, vault: Vault, call: CallContext) {
  return auditEvent({
    ...actorOf(caller),
    ...originOf(call),
    action,
    resourceType: 'vault',
    resourceId: vault.id,
    details: { vault_id: vault.id, name: vault.name },
  });
}
