import type { IpRule } from '@oneclaw/caller/ip-rules';

/** A rule as it is kept; it is made and deleted, never changed. */
export interface StoredIpRule extends IpRule {
  id: string;
  orgId: string;
  label: string | null;
  createdBy: string;
  createdAt: Date;
}

/** What gateways need to know of an org's rules. */
export type IpRuleFacts = IpRule & Pick<StoredIpRule, 'id' | 'orgId'>;

export type NewIpRule = Omit<StoredIpRule, 'createdAt'>;
