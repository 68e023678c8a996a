import { Injectable } from '@nestjs/common';
import { execute, query, type Executor } from '@oneclaw/database';
import type { IpRuleFacts, NewIpRule, StoredIpRule } from './ip-rule.entity.js';

const FACTS = `id, org_id AS "orgId", rule_type AS "ruleType", cidr, applies_to AS "appliesTo"`;
const COLUMNS = `${FACTS}, label, created_by AS "createdBy", created_at AS "createdAt"`;

const INSERT = `
  INSERT INTO ip_rules (id, org_id, rule_type, cidr, label, applies_to, created_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`;

@Injectable()
export class IpRulesRepository {
  async insert(executor: Executor, orgId: string, rule: Omit<NewIpRule, 'orgId'>): Promise<StoredIpRule> {
    const { id, ruleType, cidr, label, appliesTo, createdBy } = rule;
    const values = [id, orgId, ruleType, cidr, label, appliesTo, createdBy];
    const [inserted] = await query<StoredIpRule>(executor, INSERT, values);
    return inserted as StoredIpRule;
  }

  /** Oldest first. */
  async list(executor: Executor, orgId: string): Promise<StoredIpRule[]> {
    const text = `SELECT ${COLUMNS} FROM ip_rules WHERE org_id = $1 ORDER BY id`;
    return query<StoredIpRule>(executor, text, [orgId]);
  }

  async delete(executor: Executor, orgId: string, id: string): Promise<void> {
    await execute(executor, 'DELETE FROM ip_rules WHERE org_id = $1 AND id = $2', [orgId, id]);
  }

  /** Of several orgs: for resolving callers. */
  async findFacts(executor: Executor, orgIds: readonly string[]): Promise<IpRuleFacts[]> {
    if (orgIds.length === 0) return [];
    const text = `SELECT ${FACTS} FROM ip_rules WHERE org_id = ANY($1::uuid[]) ORDER BY org_id, id`;
    return query<IpRuleFacts>(executor, text, [orgIds], { prepare: 'find-ip-rules' });
  }
}
