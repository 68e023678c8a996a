import { canonicalNetwork, IP_RULE_SCOPES, IP_RULE_TYPES, type IpRule } from '@oneclaw/caller/ip-rules';
import type { CreateIpRuleRequest } from '@oneclaw/contracts/auth';
import { invalid } from '@oneclaw/errors';

export const MAX_LABEL = 200;

export type IpRuleInput = IpRule & { label: string | null };

/** Throws invalid_argument. */
export function parseIpRule({ ruleType, cidr, appliesTo, label = '' }: CreateIpRuleRequest): IpRuleInput {
  const type = IP_RULE_TYPES.find((each) => each === ruleType);
  const scope = IP_RULE_SCOPES.find((each) => each === appliesTo);
  const network = canonicalNetwork(cidr);
  const labelFits = [...label].length <= MAX_LABEL && !/\p{Cc}/u.test(label);
  const fields = {
    ...(type ? {} : { rule_type: `must be one of ${IP_RULE_TYPES.join(', ')}` }),
    ...(network ? {} : { cidr: 'must be an IPv4 or IPv6 address, or a network in CIDR notation' }),
    ...(scope ? {} : { applies_to: `must be one of ${IP_RULE_SCOPES.join(', ')}` }),
    ...(labelFits ? {} : { label: `must have at most ${MAX_LABEL} characters, none of them control characters` }),
  };
  if (!type || !network || !scope || !labelFits) throw invalid('The IP rule is not valid.', fields);
  return { ruleType: type, cidr: network, appliesTo: scope, label: label.trim() || null };
}
