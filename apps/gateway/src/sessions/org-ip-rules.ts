import { IP_RULE_SCOPES, IP_RULE_TYPES, IpRules } from '@oneclaw/caller/ip-rules';
import type { IpRuleFacts } from '@oneclaw/contracts/auth';
import { internal } from '@oneclaw/errors';
import { LRUCache } from 'lru-cache';

interface Compiled {
  /** The ids of its rules: they never change, so these say what it is. */
  key: string;
  rules: IpRules;
}

const MAX_ORGS = 1000;

/** Rules of orgs, compiled once for all sessions of an org. */
export class OrgIpRules {
  private readonly compiled = new LRUCache<string, Compiled>({ max: MAX_ORGS });

  /** By org. */
  compile(facts: readonly IpRuleFacts[]): Map<string, IpRules> {
    const byOrg = Map.groupBy(facts, ({ orgId }) => orgId);
    return new Map([...byOrg].map(([orgId, rules]) => [orgId, this.of(orgId, rules)]));
  }

  private of(orgId: string, facts: readonly IpRuleFacts[]): IpRules {
    const key = facts.map(({ id }) => id).join();
    const known = this.compiled.get(orgId);
    if (known?.key === key) return known.rules;
    const rules = new IpRules(facts.map(toRule));
    this.compiled.set(orgId, { key, rules });
    return rules;
  }
}

/** A rule that is not understood must not be left out: it may be what keeps somebody away. */
function toRule({ id, ruleType, cidr, appliesTo }: IpRuleFacts) {
  const type = IP_RULE_TYPES.find((each) => each === ruleType);
  const scope = IP_RULE_SCOPES.find((each) => each === appliesTo);
  if (!type || !scope) throw internal(`the IP rule ${id} is of an unknown kind`);
  return { ruleType: type, cidr, appliesTo: scope };
}
