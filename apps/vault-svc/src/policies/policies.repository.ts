import { Injectable } from '@nestjs/common';
import type { PrincipalType } from '@oneclaw/caller';
import { execute, query, type Executor } from '@oneclaw/database';
import type { PolicyRule } from './engine/index.js';
import type { Policy } from './policy.entity.js';

const COLUMNS = `
  id, vault_id AS "vaultId", secret_path_pattern AS "secretPathPattern", principal_type AS "principalType",
  principal_id AS "principalId", permissions, conditions, expires_at AS "expiresAt", created_by AS "createdBy",
  created_by_type AS "createdByType", created_at AS "createdAt"`;

const FIND = `SELECT ${COLUMNS} FROM policies WHERE org_id = $1 AND vault_id = $2 AND id = $3`;

const LIST = `
  SELECT ${COLUMNS} FROM policies
  WHERE org_id = $1 AND vault_id = $2 AND ($3::uuid IS NULL OR id > $3) ORDER BY id LIMIT $4`;

const RULES = `
  SELECT k.ord, p.id, p.secret_path_pattern AS pattern, p.permissions, p.conditions, p.expires_at AS "expiresAt"
  FROM unnest($1::uuid[], $2::text[], $3::uuid[]) WITH ORDINALITY AS k (vault_id, principal_type, principal_id, ord)
  JOIN policies p ON p.principal_id = k.principal_id AND p.vault_id = k.vault_id AND p.principal_type = k.principal_type
  ORDER BY p.id`;

const PATTERNS = `
  SELECT k.ord, array_agg(DISTINCT p.secret_path_pattern ORDER BY p.secret_path_pattern) AS patterns
  FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS k (org_id, agent_id, ord)
  JOIN policies p ON p.principal_id = k.agent_id AND p.principal_type = 'agent' AND p.org_id = k.org_id
  WHERE p.expires_at IS NULL OR p.expires_at > clock_timestamp()
  GROUP BY k.ord`;

const INSERT = `
  INSERT INTO policies (id, org_id, vault_id, secret_path_pattern, principal_type, principal_id, permissions,
    conditions, expires_at, created_by, created_by_type)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'user') RETURNING ${COLUMNS}`;

const UPDATE = `
  UPDATE policies SET permissions = coalesce($4, permissions), conditions = coalesce($5, conditions),
    expires_at = CASE WHEN $6 THEN NULL ELSE coalesce($7, expires_at) END
  WHERE org_id = $1 AND vault_id = $2 AND id = $3 RETURNING ${COLUMNS}`;

const DELETE = `DELETE FROM policies WHERE org_id = $1 AND vault_id = $2 AND id = $3 RETURNING ${COLUMNS}`;

const REVISE = `
  UPDATE vaults SET policies_revision = policies_revision + 1 WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL`;

/** Vaults first, as in every change of policies, or two changes could wait for each other. */
const REVISE_WHERE_HELD = `
  UPDATE vaults SET policies_revision = policies_revision + 1
  WHERE org_id = $1 AND id IN (
    SELECT vault_id FROM policies
    WHERE org_id = $1 AND principal_type = $2 AND principal_id = $3 AND ($4::timestamptz IS NULL OR created_at <= $4))`;

const DELETE_OF = `
  DELETE FROM policies
  WHERE org_id = $1 AND principal_type = $2 AND principal_id = $3 AND ($4::timestamptz IS NULL OR created_at <= $4)`;

/** Whose policies in which vault. */
export interface PolicyOwner {
  vaultId: string;
  principalType: PrincipalType;
  principalId: string;
}

interface RuleRow extends Omit<PolicyRule, 'expiresAt'> {
  ord: number;
  expiresAt: Date | null;
}

export type NewPolicy = Omit<Policy, 'createdAt' | 'createdByType'>;

/** What a change replaces; undefined stays. */
export interface PolicyChange extends Partial<Pick<Policy, 'permissions' | 'conditions'>> {
  /** Null clears it. */
  expiresAt?: Date | null;
}

@Injectable()
export class PoliciesRepository {
  async find(executor: Executor, orgId: string, vaultId: string, id: string): Promise<Policy | undefined> {
    const [policy] = await query<Policy>(executor, FIND, [orgId, vaultId, id]);
    return policy;
  }

  /** Oldest first. */
  async list(executor: Executor, orgId: string, vaultId: string, after?: string, limit?: number): Promise<Policy[]> {
    return await query<Policy>(executor, LIST, [orgId, vaultId, after ?? null, limit ?? null]);
  }

  /** The rules of each owner, in the owners' order. The vaults' org is the caller's to check. */
  async findRules(executor: Executor, owners: readonly PolicyOwner[]): Promise<PolicyRule[][]> {
    const columns = [
      owners.map((owner) => owner.vaultId),
      owners.map((owner) => owner.principalType),
      owners.map((owner) => owner.principalId),
    ];
    const rules: PolicyRule[][] = owners.map(() => []);
    for (const { ord, expiresAt, ...rule } of await query<RuleRow>(executor, RULES, columns, {
      prepare: 'policy-rules',
    })) {
      rules[ord - 1]?.push({ ...rule, expiresAt: expiresAt ?? undefined });
    }
    return rules;
  }

  /** The distinct patterns of each agent's policies that have not expired, in the agents' order. */
  async findPatterns(executor: Executor, agents: readonly { orgId: string; agentId: string }[]): Promise<string[][]> {
    const columns = [agents.map(({ orgId }) => orgId), agents.map(({ agentId }) => agentId)];
    const found: string[][] = agents.map(() => []);
    const rows = await query<{ ord: number; patterns: string[] }>(executor, PATTERNS, columns, {
      prepare: 'policy-patterns',
    });
    for (const { ord, patterns } of rows) found[ord - 1] = patterns;
    return found;
  }

  async insert(executor: Executor, orgId: string, policy: NewPolicy): Promise<Policy> {
    const { id, vaultId, secretPathPattern, principalType, principalId, permissions, conditions } = policy;
    const values = [id, orgId, vaultId, secretPathPattern, principalType, principalId, permissions];
    const rows = await query<Policy>(executor, INSERT, [...values, conditions, policy.expiresAt, policy.createdBy]);
    return rows[0] as Policy;
  }

  async update(
    executor: Executor,
    orgId: string,
    vaultId: string,
    id: string,
    { permissions, conditions, expiresAt }: PolicyChange,
  ): Promise<Policy | undefined> {
    const values = [orgId, vaultId, id, permissions ?? null, conditions ?? null, expiresAt === null, expiresAt ?? null];
    const [policy] = await query<Policy>(executor, UPDATE, values);
    return policy;
  }

  async delete(executor: Executor, orgId: string, vaultId: string, id: string): Promise<Policy | undefined> {
    const [policy] = await query<Policy>(executor, DELETE, [orgId, vaultId, id]);
    return policy;
  }

  /** Everything that a principal was granted in an org, or was until a moment. Needs a transaction. */
  async deleteOf(
    executor: Executor,
    orgId: string,
    principalType: PrincipalType,
    principalId: string,
    until?: Date,
  ): Promise<void> {
    const values = [orgId, principalType, principalId, until ?? null];
    await execute(executor, REVISE_WHERE_HELD, values);
    await execute(executor, DELETE_OF, values);
  }

  async deleteAllOfOrg(executor: Executor, orgId: string): Promise<void> {
    await execute(executor, 'DELETE FROM policies WHERE org_id = $1', [orgId]);
  }

  async deleteAll(executor: Executor, orgId: string, vaultId: string): Promise<void> {
    await execute(executor, 'DELETE FROM policies WHERE org_id = $1 AND vault_id = $2', [orgId, vaultId]);
  }

  /**
   * Belongs into the transaction of every change: makes compiled copies void everywhere, and keeps the vault from being deleted
   * meanwhile. False where the vault is gone.
   */
  async revise(executor: Executor, orgId: string, vaultId: string): Promise<boolean> {
    return (await execute(executor, REVISE, [orgId, vaultId])) === 1;
  }
}
