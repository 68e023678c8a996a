import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { notFound, permissionDenied } from '@oneclaw/errors';
import { DataSource } from 'typeorm';
import { accessSubjectOf } from '../access/access-subject.js';
import { Refused } from '../audit/refusal-trail.js';
import { EffectivePolicies } from '../policies/effective-policies.js';
import { evaluate, type AccessAction } from '../policies/engine/index.js';
import { VaultsRepository } from '../vaults/vaults.repository.js';

/** Asks the policy engine about one path, for operations that come one at a time. */
@Injectable()
export class PathAccess {
  constructor(
    private readonly database: DataSource,
    private readonly vaults: VaultsRepository,
    private readonly effective: EffectivePolicies,
  ) {}

  /** Throws `Refused` unless the caller may do this to this path, whether it exists or not. */
  async require(action: AccessAction, caller: Caller, vaultId: string, path: string, ip: string): Promise<void> {
    const vault = await this.vaults.find(this.database, caller.orgId, vaultId);
    if (!vault) throw new Refused(notFound('Vault'), 'vault_not_found');
    const [policies = []] = await this.effective.find([{ caller, vault }]);
    const subject = accessSubjectOf(caller);
    const decision = evaluate({ action, subject, vault, path, ip, at: Date.now() }, policies);
    if (!decision.allowed) throw new Refused(permissionDenied(`You may not ${action} this path.`), decision.reason);
  }
}
