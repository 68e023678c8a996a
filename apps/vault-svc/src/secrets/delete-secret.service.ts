import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { conflict, gone, notFound } from '@oneclaw/errors';
import type { Plan } from '@oneclaw/contracts/billing';
import { OrgPlans, type CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { commitEvents } from '../audit/commit-events.js';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { Refused } from '../audit/refusal-trail.js';
import { PathAccess } from './path-access.js';
import { isConditional, wrongVersion, type Preconditions } from './preconditions.js';
import type { SecretMetadata } from './secret.entity.js';
import { SecretLimits } from './secret-limits.js';
import { SecretWritesRepository } from './secret-writes.repository.js';
import { versionEvent } from './write-events.js';

/** Deletions, and undoing them. */
@Injectable()
export class DeleteSecretService {
  constructor(
    private readonly database: DataSource,
    private readonly access: PathAccess,
    private readonly repository: SecretWritesRepository,
    private readonly limits: SecretLimits,
    private readonly plans: OrgPlans,
  ) {}

  /** Soft: the path and its versions stay, marked deleted. */
  async delete(
    caller: Caller,
    vaultId: string,
    path: string,
    preconditions: Preconditions | undefined,
    call: CallContext,
  ): Promise<void> {
    await this.access.require('delete', caller, vaultId, path, call.clientIp);
    await transaction(this.database, async (manager) => {
      const deleted = await this.repository.delete(manager, caller.orgId, vaultId, path, preconditions);
      if (!deleted) throw await this.whyNotDeleted(manager, caller.orgId, vaultId, path, preconditions);
      const by = { ...actorOf(caller), ...originOf(call) };
      await commitEvents(manager, [versionEvent('secret.delete', by, { ...deleted, vaultId, path })]);
    });
  }

  /** The versions that the last deletion took are as they were, their counts too. Answers the current one. */
  async restore(caller: Caller, vaultId: string, path: string, call: CallContext): Promise<SecretMetadata> {
    await this.access.require('write', caller, vaultId, path, call.clientIp);
    const attempt = (plan: Plan) => this.restoreWithin(plan, caller, vaultId, path, call);
    return await this.plans.within(caller.orgId, call, attempt);
  }

  private async restoreWithin(
    plan: Plan,
    caller: Caller,
    vaultId: string,
    path: string,
    call: CallContext,
  ): Promise<SecretMetadata> {
    return await transaction(this.database, async (manager) => {
      await this.limits.lock(manager, caller.orgId, plan);
      const restored = await this.repository.restore(manager, caller.orgId, vaultId, path);
      if (!restored) throw await this.whyNotRestored(manager, caller.orgId, vaultId, path);
      await this.limits.requireWithin(manager, caller.orgId, plan);
      const by = { ...actorOf(caller), ...originOf(call) };
      await commitEvents(manager, [versionEvent('secret.restore', by, { ...restored, vaultId })]);
      return restored;
    });
  }

  private async whyNotDeleted(
    manager: EntityManager,
    orgId: string,
    vaultId: string,
    path: string,
    preconditions: Preconditions | undefined,
  ): Promise<Refused> {
    const found = await this.repository.state(manager, orgId, vaultId, path);
    if (!found) return new Refused(notFound('Secret'), 'secret_not_found');
    if (found.live && isConditional(preconditions)) return wrongVersion();
    return new Refused(gone('This secret was deleted.'), 'deleted');
  }

  private async whyNotRestored(manager: EntityManager, orgId: string, vaultId: string, path: string): Promise<Refused> {
    const found = await this.repository.state(manager, orgId, vaultId, path);
    if (!found) return new Refused(notFound('Secret'), 'secret_not_found');
    return new Refused(conflict('This secret is not deleted.'), 'not_deleted');
  }
}
