import { BlockList, SocketAddress, isIP } from 'node:net';

/** Addresses whose `X-Forwarded-For` is believed. */
export class TrustedProxies {
  private readonly list = new BlockList();

  /** CIDRs or single addresses; throws on anything else. */
  constructor(private readonly cidrs: readonly string[]) {
    for (const cidr of cidrs) this.add(cidr);
  }

  has(address: string): boolean {
    return this.cidrs.length > 0 && this.list.check(address, familyOf(address));
  }

  private add(cidr: string): void {
    const [address = '', prefix] = cidr.split('/');
    const bits = isIP(address) === 6 ? 128 : 32;
    const length = prefix === undefined ? bits : Number(prefix);
    if (isIP(address) === 0 || !/^\d{1,3}$/.test(prefix ?? '0') || length > bits) throw new Error(`${cidr} is no CIDR`);
    this.list.addSubnet(address, length, familyOf(address));
  }
}

/**
 * The client's address: the socket's, unless that is a trusted proxy; then the right-most address of `X-Forwarded-For` that is
 * not one. Whatever a client writes into the header itself stands further left and is never reached.
 */
export function clientIp(peer: string | undefined, forwardedFor: string | undefined, proxies: TrustedProxies): string {
  let address = normalize(peer ?? '');
  if (forwardedFor === undefined || !proxies.has(address)) return address;
  const hops = forwardedFor.split(',');
  for (let hop = hops.pop(); hop !== undefined; hop = hops.pop()) {
    const claimed = normalize(withoutPort(hop.trim()));
    if (isIP(claimed) === 0) return address;
    address = claimed;
    if (!proxies.has(address)) return address;
  }
  return address;
}

/** One spelling per address (RFC 5952); IPv4 in IPv6 clothing (::ffff:192.0.2.1) is IPv4, and zones are dropped. */
function normalize(address: string): string {
  const bare = address.replace(/%.*$/, '');
  if (isIP(bare) !== 6) return bare;
  const canonical = new SocketAddress({ address: bare, family: 'ipv6' }).address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical)?.[1] ?? canonical;
}

/** Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(hop);
  if (bracketed) return bracketed[1] as string;
  const parts = hop.split(':');
  return parts.length === 2 ? (parts[0] as string) : hop;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
