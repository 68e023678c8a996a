import { BlockList, isIP } from 'node:net';
import { lastAnswer } from './last-answer.js';

/** Addresses from which a policy may be used. */
export interface IpAllowlist {
  includes(address: string): boolean;
}

const PREFIX_LENGTH = /^(?:0|[1-9]\d{0,2})$/;

interface Network {
  address: string;
  prefix: number;
  family: 'ipv4' | 'ipv6';
}

/** An IPv4 or IPv6 address, or a network in CIDR notation (RFC 4632, RFC 4291); undefined where it is neither. */
function parseNetwork(text: string): Network | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || rest.length > 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  if (prefix !== undefined && (!PREFIX_LENGTH.test(prefix) || Number(prefix) > bits)) return undefined;
  return { address, prefix: prefix === undefined ? bits : Number(prefix), family: version === 4 ? 'ipv4' : 'ipv6' };
}

export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

/**
 * Throws where an entry is no network. An IPv4 address and its IPv4-mapped IPv6 form (RFC 4291, section 2.5.5.2) are the
 * same address, in the list and in the question.
 */
export function compileAllowlist(entries: readonly string[]): IpAllowlist {
  const networks = new BlockList();
  for (const entry of entries) {
    const network = parseNetwork(entry);
    if (!network) throw new Error(`${entry} is neither an IP address nor a CIDR network`);
    networks.addSubnet(network.address, network.prefix, network.family);
  }
  return { includes: lastAnswer((address) => check(networks, address)) };
}

function check(networks: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && networks.check(address, version === 4 ? 'ipv4' : 'ipv6');
}
