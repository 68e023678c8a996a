import {
  type ClaimLeasesRequest,
  type LeaseClaim,
  type LeaseGrant,
  QuotaServiceDefinition,
} from '@oneclaw/contracts/billing';
import { invalid } from '@oneclaw/errors';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { checkUuid } from '../validation.js';
import type { Claim } from './lease.js';
import { type Grant, QuotaService } from './quota.service.js';

const MAX_CLAIMS = 500;

@RpcController(QuotaServiceDefinition)
export class QuotaGrpc implements RpcHandlers<typeof QuotaServiceDefinition> {
  constructor(private readonly quota: QuotaService) {}

  async claimLeases({ claims }: ClaimLeasesRequest) {
    if (claims.length > MAX_CLAIMS) throw invalid(`At most ${MAX_CLAIMS} claims at once.`);
    return { grants: (await this.quota.claim(claims.map(toClaim))).map(toProto) };
  }
}

function toClaim({ leaseId, orgId, ...amounts }: LeaseClaim): Claim {
  if (amounts.held < amounts.admitted) throw invalid('A lease holds what was admitted under it.');
  return { ...amounts, leaseId: checkUuid(leaseId, 'lease_id'), orgId: checkUuid(orgId, 'org_id') };
}

function toProto(grant: Grant): Partial<LeaseGrant> {
  if (!grant) return { gone: true };
  const { plan, period, granted, keep, unusedElsewhere, shareAlone, usedElsewhere, validForMs } = grant;
  return {
    granted,
    keep,
    unusedElsewhere,
    shareAlone,
    usedElsewhere,
    validForMs,
    periodStart: period.start,
    periodEnd: period.end,
    limit: plan.requests ?? undefined,
    tier: plan.tier,
    overageMethod: plan.overageMethod,
    // Nobody can buy any yet.
    creditBalanceCents: 0,
    creditExpiringSoon: false,
  };
}
