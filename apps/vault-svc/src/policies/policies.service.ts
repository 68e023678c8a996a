import { Injectable } from '@nestjs/common';
import type { Caller, PrincipalType } from '@oneclaw/caller';
import { cursorOf, transaction } from '@oneclaw/database';
import { notFound, permissionDenied } from '@oneclaw/errors';
import { type AuditAction, auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { commitEvents } from '../audit/commit-events.js';
import { accessSubjectOf } from '../access/access-subject.js';
import { VaultAccess } from '../access/vault-access.js';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { Refused } from '../audit/refusal-trail.js';
import { compilePattern, covers, type Conditions, type Permission } from './engine/index.js';
import { PoliciesRepository, type PolicyChange } from './policies.repository.js';
import type { Policy } from './policy.entity.js';
import { PrincipalCheck } from './principal-check.js';

export interface NewPolicyInput {
  vaultId: string;
  secretPathPattern: string;
  principalType: PrincipalType;
  principalId: string;
  permissions: Permission[];
  conditions: Conditions;
  expiresAt: Date | null;
}

export interface PolicyPage {
  policies: Policy[];
  nextCursor: string;
}

const CURSOR = cursorOf({ id: 'uuid' });

/** Policies of a vault, by its creator and the org's owner and admins. Every change voids what other replicas have compiled. */
@Injectable()
export class PoliciesService {
  constructor(
    private readonly database: DataSource,
    private readonly repository: PoliciesRepository,
    private readonly access: VaultAccess,
    private readonly principals: PrincipalCheck,
  ) {}

  /** @param attestation auth-svc's word that the principal exists in the org. */
  async create(caller: Caller, input: NewPolicyInput, attestation: string, call: CallContext): Promise<Policy> {
    await this.access.findManaged(caller, input.vaultId);
    refuseOutside(caller, input.secretPathPattern);
    await this.principals.check(attestation, { type: input.principalType, id: input.principalId, orgId: caller.orgId });
    return await this.change(caller, input.vaultId, 'policy.create', call, (manager) =>
      this.repository.insert(manager, caller.orgId, { ...input, id: uuidv7(), createdBy: caller.id }),
    );
  }

  /** `limit` 0 = all; oldest first. */
  async list(caller: Caller, vaultId: string, limit: number, cursor: string): Promise<PolicyPage> {
    const after = CURSOR.decode(cursor)?.id;
    await this.access.findManaged(caller, vaultId);
    const count = limit > 0 ? limit + 1 : undefined;
    const found = await this.repository.list(this.database, caller.orgId, vaultId, after, count);
    if (limit === 0 || found.length <= limit) return { policies: found, nextCursor: '' };
    const policies = found.slice(0, limit);
    return { policies, nextCursor: CURSOR.encode({ id: (policies[limit - 1] as Policy).id }) };
  }

  async update(caller: Caller, vaultId: string, id: string, change: PolicyChange, call: CallContext): Promise<Policy> {
    await this.access.findManaged(caller, vaultId);
    const policy = await this.repository.find(this.database, caller.orgId, vaultId, id);
    if (policy) refuseOutside(caller, policy.secretPathPattern);
    return await this.change(caller, vaultId, 'policy.update', call, (manager) =>
      this.repository.update(manager, caller.orgId, vaultId, id, change),
    );
  }

  async delete(caller: Caller, vaultId: string, id: string, call: CallContext): Promise<void> {
    await this.access.findManaged(caller, vaultId);
    await this.change(caller, vaultId, 'policy.delete', call, (manager) =>
      this.repository.delete(manager, caller.orgId, vaultId, id),
    );
  }

  private async change(
    caller: Caller,
    vaultId: string,
    action: AuditAction,
    call: CallContext,
    make: (manager: EntityManager) => Promise<Policy | undefined>,
  ): Promise<Policy> {
    return await transaction(this.database, async (manager) => {
      if (!(await this.repository.revise(manager, caller.orgId, vaultId))) throw notFound('Vault');
      const policy = await make(manager);
      if (!policy) throw notFound('Policy');
      await commitEvents(manager, [eventOf(action, caller, policy, call)]);
      return policy;
    });
  }
}

/** A key that is limited to paths grants nobody more than it has: an agent of its own, say. */
function refuseOutside(caller: Caller, secretPathPattern: string): void {
  const { pathScopes } = accessSubjectOf(caller);
  const pattern = compilePattern(secretPathPattern);
  if (!pathScopes || (pattern && pathScopes.some((scope) => covers(scope, pattern)))) return;
  throw new Refused(
    permissionDenied('The path scopes of this API key do not cover the pattern of the policy.'),
    'outside_scope',
  );
}

function eventOf(action: AuditAction, caller: Caller, policy: Policy, call: CallContext) {
  return auditEvent({
    ...actorOf(caller),
    ...originOf(call),
    action,
    resourceType: 'policy',
    resourceId: policy.id,
    details: {
      vault_id: policy.vaultId,
      secret_path_pattern: policy.secretPathPattern,
      principal_type: policy.principalType,
      principal_id: policy.principalId,
      permissions: policy.permissions,
      conditions: policy.conditions,
      expires_at: policy.expiresAt,
    },
  });
}
