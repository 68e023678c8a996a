// Apart from the rest of the library: who does not judge addresses loads no parser of them.
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { PrincipalType } from './caller.js';

export const IP_RULE_TYPES = ['allow', 'block', 'deny'] as const;
export const IP_RULE_SCOPES = ['all', 'users', 'agents'] as const;

export interface IpRule {
  /** `deny` is another word for `block`. */
  ruleType: (typeof IP_RULE_TYPES)[number];
  /** As `canonicalNetwork` answers it. */
  cidr: string;
  appliesTo: (typeof IP_RULE_SCOPES)[number];
}

/** Why an address is refused. */
export type IpRefusal = 'blocked' | 'not_on_allow_list';

type Address = ReturnType<typeof ipaddr.process>;
type Network = [Address, number];

const PREFIX_LENGTH = /^(?:0|[1-9]\d{0,2})$/;
/** Of IPv4-mapped addresses (RFC 4291, section 2.5.5.2). */
const MAPPED_BITS = 96;
const SCOPE: Record<PrincipalType, IpRule['appliesTo']> = { user: 'users', agent: 'agents' };

/**
 * The one way to write an IPv4 or IPv6 address, or a network in CIDR notation (RFC 4632, RFC 4291, RFC 5952): without the bits that the
 * prefix leaves out, and IPv4-mapped IPv6 as the IPv4 that it is. `undefined` for anything else.
 */
export function canonicalNetwork(text: string): string | undefined {
  const network = parseNetwork(text);
  if (!network) return undefined;
  const [address, prefix] = network;
  const spelt = text.includes('/') ? `/${prefix}` : '';
  const base = (address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(`${address}/${prefix}`);
  return `${(base as ipaddr.IPv6).toString()}${spelt}`;
}

/** The rules of an org, ready to judge addresses. */
export class IpRules {
  private readonly byScope: Record<PrincipalType, { allowed: Network[]; blocked: Network[] }>;

  constructor(rules: readonly IpRule[]) {
    this.byScope = { user: networksFor('user', rules), agent: networksFor('agent', rules) };
  }

  /**
   * Whether somebody may not call from there; the address as the gateway knows it. A block that matches always wins. Where an allow
   * rule applies to the kind of caller, one has to match.
   */
  refusal(type: PrincipalType, address: string): IpRefusal | undefined {
    const { allowed, blocked } = this.byScope[type];
    if (allowed.length === 0 && blocked.length === 0) return undefined;
    const parsed = isIP(address) === 0 ? undefined : ipaddr.process(address);
    if (includes(blocked, parsed)) return 'blocked';
    return allowed.length > 0 && !includes(allowed, parsed) ? 'not_on_allow_list' : undefined;
  }
}

function networksFor(type: PrincipalType, rules: readonly IpRule[]) {
  const applying = rules.filter(({ appliesTo }) => appliesTo === 'all' || appliesTo === SCOPE[type]);
  const of = (allows: boolean) =>
    applying
      .filter(({ ruleType }) => (ruleType === 'allow') === allows)
      .map(({ cidr }) => {
        const network = parseNetwork(cidr);
        if (!network) throw new Error(`${cidr} is neither an IP address nor a network`);
        return network;
      });
  return { allowed: of(true), blocked: of(false) };
}

/** IPv4 and IPv6 never match each other. */
function includes(networks: readonly Network[], address: Address | undefined): boolean {
  if (!address) return false;
  return networks.some(
    ([network, prefix]) =>
      network.kind() === address.kind() && (address as ipaddr.IPv6).match(network as ipaddr.IPv6, prefix),
  );
}

function parseNetwork(text: string): Network | undefined {
  const [address = '', length, ...rest] = text.split('/');
  // The strict spellings only: the parser itself takes octal, hexadecimal and short ones, too. Zones mean something here and nothing there.
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || rest.length > 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  if (length !== undefined && (!PREFIX_LENGTH.test(length) || Number(length) > bits)) return undefined;
  const prefix = length === undefined ? bits : Number(length);
  const parsed = ipaddr.parse(address);
  if (parsed.kind() === 'ipv4' || prefix < MAPPED_BITS || !(parsed as ipaddr.IPv6).isIPv4MappedAddress()) {
    return [parsed, prefix];
  }
  return [(parsed as ipaddr.IPv6).toIPv4Address(), prefix - MAPPED_BITS];
}
