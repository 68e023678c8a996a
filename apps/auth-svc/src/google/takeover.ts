import { Inject, Injectable } from '@nestjs/common';
import { conflict } from '@oneclaw/errors';
import { identityEvent } from '@oneclaw/events';
import type { EntityManager } from 'typeorm';
import { CREDENTIAL_STORES, type CredentialStore } from '../accounts/credential-stores.js';
import { OrgMembersRepository } from '../orgs/org-members.repository.js';
import { AgentsRepository } from '../agents/agents.repository.js';
import { commitEvents } from '../audit/commit-events.js';
import { Invalidations } from '../sessions/invalidations.js';

/**
 * Cleans an account whose address nobody had proven before its owner came. Somebody else may have opened it to wait for the
 * owner, so whatever could still let them in ends: keys, second factors, devices (password and sessions end with the account's own row),
 * the keys of agents that were registered meanwhile, and, by the identity event, shares. What was stored stays.
 */
@Injectable()
export class Takeover {
  constructor(
    private readonly members: OrgMembersRepository,
    private readonly agents: AgentsRepository,
    @Inject(CREDENTIAL_STORES) private readonly credentials: readonly CredentialStore[],
    private readonly invalidations: Invalidations,
  ) {}

  async clean(manager: EntityManager, { id, orgId }: { id: string; orgId: string }): Promise<void> {
    const members = await this.members.lock(manager, orgId);
    // They would see what the owner stores from now on, and somebody who waited could have invited them.
    if (members.length > 1) {
      throw conflict('Confirm the address of this account by mail first: it shares an organisation with others.');
    }
    for (const store of this.credentials) await store.removeAll(manager, orgId, id);
    const agentIds = await this.agents.deactivateAll(manager, orgId);
    await commitEvents(manager, [
      ...agentIds.map((subjectId) => identityEvent({ orgId, kind: 'agent.deactivated', subjectId })),
      identityEvent({ orgId, kind: 'user.taken_over', subjectId: id }),
    ]);
    await this.invalidations.add(manager, [`user:${id}`, `org:${orgId}`]);
  }
}
