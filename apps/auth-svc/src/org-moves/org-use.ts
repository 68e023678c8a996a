import { Injectable } from '@nestjs/common';
import { PLATFORM_ORG_ID } from '@oneclaw/caller';
import { OrgHoldServiceDefinition } from '@oneclaw/contracts/vault';
import { query, type Executor } from '@oneclaw/database';
import { createRpcClient, type OutgoingCall, type RpcClient } from '@oneclaw/rpc';
import { VaultChannel } from '../rpc/channels.js';

/**
 * Whether a membership ($1 its org, $2 its user) is all that we know of an org. An agent that enrolled itself and was never used is
 * nothing that its human has done. The platform's org is in use by being it.
 */
const IS_BARE = `
  SELECT $1::uuid <> '${PLATFORM_ORG_ID}'
     AND NOT EXISTS (SELECT FROM memberships WHERE org_id = $1 AND user_id <> $2)
     AND NOT EXISTS (SELECT FROM agents WHERE org_id = $1 AND unused_until IS NULL) AS bare`;

/** What an org is used for: members and agents as they are here, vaults as vault-svc says. */
@Injectable()
export class OrgUse {
  private readonly holds: RpcClient<typeof OrgHoldServiceDefinition>;

  constructor(vault: VaultChannel) {
    this.holds = createRpcClient(OrgHoldServiceDefinition, vault);
  }

  /** As it is now; the next moment it may be otherwise. */
  async isUsed(executor: Executor, orgId: string, memberId: string, call: OutgoingCall): Promise<boolean> {
    if (!(await this.isBare(executor, orgId, memberId))) return true;
    return (await this.holds.hasVaults({ orgId }, call)).hasVaults;
  }

  /** Whether nobody but the member is in the org, and no agent. For good, if the org is locked. */
  async isBare(executor: Executor, orgId: string, memberId: string): Promise<boolean> {
    const [found] = await query<{ bare: boolean }>(executor, IS_BARE, [orgId, memberId]);
    return found?.bare === true;
  }

  /** Keeps vaults from being made there; false where there are some. */
  async hold(orgId: string, holdId: string, call: OutgoingCall): Promise<boolean> {
    return (await this.holds.holdEmptyOrg({ orgId, holdId }, call)).held;
  }

  async release(orgId: string, holdId: string, call: OutgoingCall): Promise<void> {
    await this.holds.releaseOrg({ orgId, holdId }, call);
  }
}
