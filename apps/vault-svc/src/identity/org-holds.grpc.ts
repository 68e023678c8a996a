import {
  type HasVaultsRequest,
  type HoldEmptyOrgRequest,
  OrgHoldServiceDefinition,
  type ReleaseOrgRequest,
} from '@oneclaw/contracts/vault';
import { transaction } from '@oneclaw/database';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { DataSource } from 'typeorm';
import { checkUuid } from '../validation/uuid.js';
import { OrgLifeRepository } from './org-life.repository.js';

@RpcController(OrgHoldServiceDefinition)
export class OrgHoldsGrpc implements RpcHandlers<typeof OrgHoldServiceDefinition> {
  constructor(
    private readonly database: DataSource,
    private readonly orgs: OrgLifeRepository,
  ) {}

  async hasVaults({ orgId }: HasVaultsRequest) {
    return { hasVaults: await this.orgs.hasVaults(this.database, checkUuid(orgId, 'org_id')) };
  }

  async holdEmptyOrg(request: HoldEmptyOrgRequest) {
    const { orgId, holdId } = idsOf(request);
    return { held: await transaction(this.database, (manager) => this.orgs.holdEmpty(manager, orgId, holdId)) };
  }

  async releaseOrg(request: ReleaseOrgRequest) {
    const { orgId, holdId } = idsOf(request);
    await transaction(this.database, (manager) => this.orgs.release(manager, orgId, holdId));
    return {};
  }
}

function idsOf({ orgId, holdId }: { orgId: string; holdId: string }) {
  return { orgId: checkUuid(orgId, 'org_id'), holdId: checkUuid(holdId, 'hold_id') };
}
