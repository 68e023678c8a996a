import { Injectable } from '@nestjs/common';
import type { Executor } from '@oneclaw/database';
import { conflict } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import { OrgUse } from '../org-moves/org-use.js';

/** Whose addresses may be invited: nobody's yet, or of somebody who is alone in an org that holds nothing. */
@Injectable()
export class InvitedAddresses {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly use: OrgUse,
  ) {}

  /** Throws conflict. The org may come into use later: then the invitation waits. */
  async check(executor: Executor, orgId: string, emailCanonical: string, call: CallContext): Promise<void> {
    const account = await this.accounts.findByEmail(executor, emailCanonical);
    if (!account) return;
    if (account.orgId === orgId) throw alreadyMember();
    if (await this.use.isUsed(executor, account.orgId, account.id, call)) {
      throw conflict('This address belongs to an account in another organisation that is in use.');
    }
  }

  /** Throws conflict for somebody who has joined meanwhile. */
  async checkNoMember(executor: Executor, orgId: string, emailCanonical: string): Promise<void> {
    const account = await this.accounts.findByEmail(executor, emailCanonical);
    if (account?.orgId === orgId) throw alreadyMember();
  }
}

function alreadyMember() {
  return conflict('This address belongs to a member of the organisation already.');
}
