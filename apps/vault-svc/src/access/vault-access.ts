import { Injectable } from '@nestjs/common';
import { isManager, type Caller } from '@oneclaw/caller';
import { notFound, permissionDenied } from '@oneclaw/errors';
import { DataSource } from 'typeorm';
import { Refused } from '../audit/refusal-trail.js';
import { isCreator, type CompiledPolicy } from '../policies/engine/index.js';
import { EffectivePolicies } from '../policies/effective-policies.js';
import type { Vault } from '../vaults/vault.entity.js';
import { VaultsRepository } from '../vaults/vaults.repository.js';

/** A vault that the caller may see, with the caller's policies in it. */
export interface VisibleVault {
  vault: Vault;
  policies: readonly CompiledPolicy[];
}

/** Finds vaults for a caller: another org's is not found, one that it has no part in is refused. */
@Injectable()
export class VaultAccess {
  constructor(
    private readonly database: DataSource,
    private readonly vaults: VaultsRepository,
    private readonly effective: EffectivePolicies,
  ) {}

  /** Owner and admin see all, others what they created or have an unexpired policy in; agents within their binding. */
  async findVisible(caller: Caller, vaultId: string): Promise<VisibleVault> {
    const vault = await this.find(caller, vaultId);
    if (caller.vaultIds.length > 0 && !caller.vaultIds.includes(vault.id)) throw notYours('vault_not_bound');
    const [policies = []] = await this.effective.find([{ caller, vault }]);
    if (isManager(caller) || isCreator(caller, vault)) return { vault, policies };
    const now = Date.now();
    if (!policies.some((policy) => policy.expiresAt > now)) throw notYours('no_policy');
    return { vault, policies };
  }

  /** For managing a vault and its policies: its creator, owner and admin. */
  async findManaged(caller: Caller, vaultId: string): Promise<Vault> {
    const vault = await this.find(caller, vaultId);
    if (isManager(caller) || isCreator(caller, vault)) return vault;
    throw notYours('not_manager');
  }

  /** For what only owner and admin decide, also of vaults that others made. */
  async findAdministered(caller: Caller, vaultId: string): Promise<Vault> {
    const vault = await this.find(caller, vaultId);
    if (isManager(caller)) return vault;
    throw notYours('not_administrator');
  }

  private async find(caller: Caller, vaultId: string): Promise<Vault> {
    const vault = await this.vaults.find(this.database, caller.orgId, vaultId);
    if (!vault) throw notFound('Vault');
    return vault;
  }
}

function notYours(reason: string): Refused {
  return new Refused(permissionDenied('You may not do this in this vault.'), reason);
}
