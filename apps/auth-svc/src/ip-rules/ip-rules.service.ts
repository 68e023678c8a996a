import { Injectable } from '@nestjs/common';
import { type Caller, isManager } from '@oneclaw/caller';
import { type IpRule, IpRules } from '@oneclaw/caller/ip-rules';
import { transaction } from '@oneclaw/database';
import { conflict, notFound, permissionDenied } from '@oneclaw/errors';
import { auditEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { type Attempt, RefusalsService } from '../audit/refusals.service.js';
import { requireManager } from '../orgs/member-rules.js';
import { OrgMembersRepository } from '../orgs/org-members.repository.js';
import { Invalidations } from '../sessions/invalidations.js';
import type { IpRuleInput } from './ip-rule-input.js';
import type { StoredIpRule } from './ip-rule.entity.js';
import { IpRulesRepository } from './ip-rules.repository.js';

/** Each request of the org is held against all of them. */
export const MAX_RULES = 100;

/** From where an org's people and agents may call. */
@Injectable()
export class IpRulesService {
  constructor(
    private readonly database: DataSource,
    private readonly rules: IpRulesRepository,
    private readonly members: OrgMembersRepository,
    private readonly refusals: RefusalsService,
    private readonly invalidations: Invalidations,
  ) {}

  async list(caller: Caller, call: CallContext): Promise<StoredIpRule[]> {
    const attempt = { action: 'iprule.list' as const, resourceType: 'org', resourceId: caller.orgId };
    await this.refusals.guard(caller, call, attempt, async () => {
      if (!isManager(caller)) throw permissionDenied('Only owners and admins see the IP rules of an organisation.');
    });
    return this.rules.list(this.database, caller.orgId);
  }

  /** @param force also where the caller's own address would be refused from then on */
  async create(caller: Caller, call: CallContext, input: IpRuleInput, force: boolean): Promise<StoredIpRule> {
    const attempt = { action: 'iprule.create' as const, resourceType: 'ip_rule' };
    return this.change(caller, call, attempt, async (manager, before) => {
      if (before.length >= MAX_RULES) {
        throw conflict(`An organisation has at most ${MAX_RULES} IP rules. Delete one first.`);
      }
      if (!force) checkOwnAddress([...before, input], call);
      const rule = await this.rules.insert(manager, caller.orgId, { ...input, id: uuidv7(), createdBy: caller.id });
      return { rule, event: { ...attempt, resourceId: rule.id } };
    });
  }

  /** Deleting one of several allow rules may lock out, too. */
  async delete(caller: Caller, call: CallContext, ruleId: string, force: boolean): Promise<void> {
    const attempt = { action: 'iprule.delete' as const, resourceType: 'ip_rule', resourceId: ruleId };
    await this.change(caller, call, attempt, async (manager, before) => {
      const rule = before.find(({ id }) => id === ruleId);
      if (!rule) throw notFound('IP rule');
      const rest = before.filter((each) => each !== rule);
      if (!force) checkOwnAddress(rest, call);
      await this.rules.delete(manager, caller.orgId, ruleId);
      return { rule, event: attempt };
    });
  }

  /** One change of an org's rules at a time, by somebody who manages the org then; told to the gateways when it commits. */
  private async change(
    caller: Caller,
    call: CallContext,
    attempt: Attempt,
    make: (manager: EntityManager, before: StoredIpRule[]) => Promise<{ rule: StoredIpRule; event: Attempt }>,
  ): Promise<StoredIpRule> {
    const { orgId } = caller;
    const inTransaction = () =>
      transaction(this.database, async (manager) => {
        requireManager(await this.members.lock(manager, orgId), caller);
        const { rule, event } = await make(manager, await this.rules.list(manager, orgId));
        const { ruleType, cidr, appliesTo } = rule;
        const details = { rule_type: ruleType, cidr, applies_to: appliesTo };
        await commitEvents(manager, [auditEvent({ ...event, ...actorOf(caller), ...originOf(call), details })]);
        await this.invalidations.add(manager, [`org:${orgId}`]);
        return rule;
      });
    return this.refusals.guard(caller, call, attempt, inTransaction);
  }
}

function checkOwnAddress(rules: readonly IpRule[], { clientIp }: CallContext): void {
  if (new IpRules(rules).refusal('user', clientIp) === undefined) return;
  throw conflict(
    `This would lock out the address that you call from (${clientIp}). Add ?force=true to do it all the same.`,
  );
}
