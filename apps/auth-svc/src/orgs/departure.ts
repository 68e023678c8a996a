import { Injectable } from '@nestjs/common';
import { identityEvent } from '@oneclaw/events';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { CredentialsRepository } from '../accounts/credentials.repository.js';
import { NewAccounts } from '../accounts/new-accounts.js';
import { ApiKeysRepository } from '../api-keys/api-keys.repository.js';
import { commitEvents } from '../audit/commit-events.js';
import { InvitationsRepository } from '../invitations/invitations.repository.js';
import { OrgMembersRepository } from './org-members.repository.js';

/**
 * What ends when somebody leaves an org that goes on without them: sessions and approved devices by the epoch of their credentials,
 * API keys, invitations that they sent or that would bring them back. What they were granted in vaults ends on `user.removed`; until
 * then it opens nothing, because their sessions are of another org. The password and the second factor are theirs.
 */
@Injectable()
export class Departure {
  constructor(
    private readonly members: OrgMembersRepository,
    private readonly credentials: CredentialsRepository,
    private readonly apiKeys: ApiKeysRepository,
    private readonly invitations: InvitationsRepository,
    private readonly newAccounts: NewAccounts,
  ) {}

  /** The org is locked. The person has an empty org of their own then. */
  async leave(manager: EntityManager, orgId: string, userId: string): Promise<void> {
    await this.members.delete(manager, orgId, userId);
    await this.credentials.voidSessions(manager, userId);
    await this.apiKeys.removeAll(manager, orgId, userId);
    await this.invitations.deleteOfLeaver(manager, orgId, userId);
    await this.newAccounts.giveOrg(manager, userId, uuidv7());
    await commitEvents(manager, [identityEvent({ orgId, kind: 'user.removed', subjectId: userId })]);
  }
}
