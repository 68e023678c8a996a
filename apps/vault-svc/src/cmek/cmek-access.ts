import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { permissionDenied } from '@oneclaw/errors';
import { OrgPlans, type OutgoingCall } from '@oneclaw/rpc';
import { VaultAccess } from '../access/vault-access.js';
import { Refused } from '../audit/refusal-trail.js';
import type { Vault } from '../vaults/vault.entity.js';

/** Who may have a vault's values under a key of theirs. */
@Injectable()
export class CmekAccess {
  constructor(
    private readonly access: VaultAccess,
    private readonly plans: OrgPlans,
  ) {}

  /** Throws where the org's plan has no CMEK. */
  async requirePlan({ orgId }: Caller, call: OutgoingCall): Promise<void> {
    if ((await this.plans.get(orgId, call)).cmekAllowed) return;
    if ((await this.plans.current(orgId, call)).cmekAllowed) return;
    const error = permissionDenied('Customer-managed encryption keys need the business or enterprise plan.');
    throw new Refused(error, 'plan');
  }

  /** A vault whose keys the caller may manage; never that of agents' keys, which the system writes. */
  async findManaged(caller: Caller, vaultId: string): Promise<Vault> {
    const vault = await this.access.findManaged(caller, vaultId);
    if (vault.createdByType !== 'system') return vault;
    throw new Refused(permissionDenied('The vault of agent keys is under the HSM’s keys alone.'), 'system_vault');
  }
}
