import { BlockList, isIP } from 'node:net';

/** IANA's registries of special-purpose addresses (RFC 6890 and its successors), multicast and what is reserved. */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** Within 2000::/3: Teredo, ORCHID and others, documentation, 6to4 (which carries any IPv4 address). */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const special = new BlockList();
for (const cidr of SPECIAL_IPV4) addTo(special, cidr);
for (const cidr of SPECIAL_IPV6) addTo(special, cidr);
const globalUnicast = new BlockList();
addTo(globalUnicast, '2000::/3');

/** Whether it is an address of the public internet. Everything of IPv6 outside global unicast is not, mapped IPv4 included. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !special.check(address, 'ipv4');
  return family === 6 && globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/** Throws on what is neither a CIDR nor an address. */
export function addTo(list: BlockList, cidr: string): void {
  const [address = '', prefix] = cidr.split('/');
  const family = isIP(address);
  const bits = family === 6 ? 128 : 32;
  const length = prefix === undefined ? bits : Number(prefix);
  if (family === 0 || !/^\d{1,3}$/.test(prefix ?? '0') || length > bits) throw new Error(`${cidr} is no CIDR`);
  list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
}
