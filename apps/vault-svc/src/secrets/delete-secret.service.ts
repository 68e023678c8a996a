import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { gone, notFound, permissionDenied } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { accessSubjectOf } from '../access/access-subject.js';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { Refused } from '../audit/refusal-trail.js';
import { evaluate } from '../policies/engine/index.js';
import { EffectivePolicies } from '../policies/effective-policies.js';
import { VaultsRepository } from '../vaults/vaults.repository.js';
import { SecretWritesRepository } from './secret-writes.repository.js';
import { versionEvent } from './write-events.js';

@Injectable()
export class DeleteSecretService {
  constructor(
    private readonly database: DataSource,
    private readonly vaults: VaultsRepository,
    private readonly effective: EffectivePolicies,
    private readonly repository: SecretWritesRepository,
  ) {}

  /** Soft: the path and its versions stay, marked deleted. */
  async delete(caller: Caller, vaultId: string, path: string, call: CallContext): Promise<void> {
    await this.authorize(caller, vaultId, path, call.clientIp);
    await transaction(this.database, async (manager) => {
      const deleted = await this.repository.delete(manager, caller.orgId, vaultId, path);
      if (!deleted) throw await this.absence(caller.orgId, vaultId, path);
      const by = { ...actorOf(caller), ...originOf(call) };
      await commitEvents(manager, [versionEvent('secret.delete', by, { ...deleted, vaultId, path })]);
    });
  }

  private async authorize(caller: Caller, vaultId: string, path: string, ip: string): Promise<void> {
    const vault = await this.vaults.find(this.database, caller.orgId, vaultId);
    if (!vault) throw new Refused(notFound('Vault'), 'vault_not_found');
    const [policies = []] = await this.effective.find([{ caller, vault }]);
    const subject = accessSubjectOf(caller);
    const decision = evaluate({ action: 'delete', subject, vault, path, ip, at: Date.now() }, policies);
    if (!decision.allowed) throw new Refused(permissionDenied('You may not delete this path.'), decision.reason);
  }

  private async absence(orgId: string, vaultId: string, path: string): Promise<Refused> {
    const existed = await this.repository.exists(this.database, orgId, vaultId, path);
    if (existed) return new Refused(gone('This secret was deleted.'), 'deleted');
    return new Refused(notFound('Secret'), 'secret_not_found');
  }
}
