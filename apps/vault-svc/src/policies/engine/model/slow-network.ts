/** Addresses as strings of 128 bits, IPv4 in its IPv4-mapped place; a network contains what shares its first bits. */
export function slowIncludes(entry: string, address: string): boolean {
  const [network = '', prefix] = entry.split('/');
  const isV4 = !network.includes(':');
  const bits = prefix === undefined ? 128 : Number(prefix) + (isV4 ? 96 : 0);
  return bitsOf(network).slice(0, bits) === bitsOf(address).slice(0, bits);
}

function bitsOf(address: string): string {
  if (!address.includes(':')) return '0'.repeat(80) + '1'.repeat(16) + v4Bits(address);
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const groups = dotted ? `${dotted[1]}${v4Groups(dotted[2] as string)}` : address;
  const [head = '', tail] = groups.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
}

function v4Bits(address: string): string {
  return address
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('');
}

function v4Groups(address: string): string {
  const bits = v4Bits(address);
  return [bits.slice(0, 16), bits.slice(16)].map((half) => Number.parseInt(half, 2).toString(16)).join(':');
}
