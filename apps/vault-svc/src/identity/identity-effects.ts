import { Injectable } from '@nestjs/common';
import type { PrincipalType } from '@oneclaw/caller';
import type { IdentityEvent } from '@oneclaw/contracts/events';
import { afterCommit } from '@oneclaw/database';
import { auditEvent, type Received } from '@oneclaw/events';
import type { EntityManager } from 'typeorm';
import { systemActor } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { PoliciesRepository } from '../policies/policies.repository.js';
import { SharesRepository } from '../shares/shares.repository.js';
import { VaultSweeper } from '../vaults/vault-sweeper.js';
import { VaultsRepository } from '../vaults/vaults.repository.js';
import { OrgLifeRepository } from './org-life.repository.js';

/** Whose policies and shares end with them. A deactivated agent keeps its own: it may be activated again. */
const DELETED_PRINCIPALS: Readonly<Record<string, PrincipalType>> = {
  'user.deleted': 'user',
  'agent.deleted': 'agent',
};

/** What the life of users, agents and orgs means for vaults. Each effect is the same however often it happens. */
@Injectable()
export class IdentityEffects {
  constructor(
    private readonly orgs: OrgLifeRepository,
    private readonly vaults: VaultsRepository,
    private readonly policies: PoliciesRepository,
    private readonly shares: SharesRepository,
    private readonly sweeper: VaultSweeper,
  ) {}

  async apply(manager: EntityManager, events: readonly Received<IdentityEvent>[]): Promise<void> {
    for (const { event } of events) {
      const { orgId, subjectId } = event;
      const principalType = DELETED_PRINCIPALS[event.kind];
      if (event.kind === 'org.deleted') await this.shredOrg(manager, orgId);
      else if (principalType) await this.forget(manager, orgId, principalType, subjectId);
      // Somebody who left may be back before we hear of it: what was granted since stays.
      else if (event.kind === 'user.removed') await this.forget(manager, orgId, 'user', subjectId, event.occurredAt);
      // Somebody else could be waiting with a link for what the owner stores from now on.
      else if (event.kind === 'user.taken_over') await this.shares.deleteAllOfOrg(manager, orgId, event.occurredAt);
    }
  }

  private async forget(manager: EntityManager, orgId: string, type: PrincipalType, id: string, through?: Date) {
    await this.policies.deleteOf(manager, orgId, type, id, through);
    await this.shares.deleteOf(manager, orgId, type, id, through);
  }

  /** Nothing of the org opens from the commit on; the rows are swept away afterwards. */
  private async shredOrg(manager: EntityManager, orgId: string): Promise<void> {
    await this.orgs.end(manager, orgId);
    const destroyed = await this.vaults.destroyAll(manager, orgId);
    await this.policies.deleteAllOfOrg(manager, orgId);
    const events = destroyed.map(({ id, name }) => {
      const deletion = { action: 'vault.delete' as const, resourceType: 'vault', resourceId: id };
      return auditEvent({ ...systemActor(orgId), ...deletion, details: { vault_id: id, name, cause: 'org.deleted' } });
    });
    await commitEvents(manager, events);
    afterCommit(manager, () => this.sweeper.hint());
  }
}
