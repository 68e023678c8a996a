import { Injectable } from '@nestjs/common';
import type { Caller, Principal, PrincipalType } from '@oneclaw/caller';
import { accessSubjectOf } from '../access/access-subject.js';
import { VaultAccess } from '../access/vault-access.js';
import { explain, type AccessRequest, type Permission } from './engine/index.js';
import { EffectivePolicies } from './effective-policies.js';
import { explanationOf, explanationOfInactive, type AccessExplanation } from './explanation.js';
import { PrincipalCheck } from './principal-check.js';

export interface AccessQuestion {
  vaultId: string;
  principalType: PrincipalType;
  principalId: string;
  path: string;
  permission: Permission;
  /** Empty = none. */
  ipAddress: string;
  at: Date;
}

/** auth-svc's signed words about a principal: that it exists, and what bounds it now. */
export interface PrincipalEvidence {
  attestation: string;
  facts: string;
}

const MAX_FINDINGS = 200;

/** Says who may do what, and why, by the very means that decide it. For whoever manages the vault's policies. */
@Injectable()
export class ExplainAccessService {
  constructor(
    private readonly access: VaultAccess,
    private readonly principals: PrincipalCheck,
    private readonly effective: EffectivePolicies,
  ) {}

  async explain(caller: Caller, question: AccessQuestion, evidence: PrincipalEvidence): Promise<AccessExplanation> {
    const vault = await this.access.findManaged(caller, question.vaultId);
    const named = { type: question.principalType, id: question.principalId, orgId: caller.orgId };
    await this.principals.check(evidence.attestation, named);
    const principal = await this.principals.factsOf(evidence.facts, named);
    if (!principal) return explanationOfInactive(question.at);
    const [policies = []] = await this.effective.find([{ caller: principal, vault }]);
    const request = { ...requestOf(question, principal), vault };
    return explanationOf(request, explain(request, policies, MAX_FINDINGS), {
      policies: policies.length,
      intentsEnabled: principal.intentsEnabled,
    });
  }
}

function requestOf(
  { permission, path, ipAddress, at }: AccessQuestion,
  principal: Principal,
): Omit<AccessRequest, 'vault'> {
  return { action: permission, subject: accessSubjectOf(principal), path, ip: ipAddress, at: at.getTime() };
}
