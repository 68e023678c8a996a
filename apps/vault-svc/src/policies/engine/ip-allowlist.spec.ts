import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileAllowlist, isNetwork } from './ip-allowlist.js';
import { slowIncludes } from './model/slow-network.js';

const includes = (entries: string[], address: string) => compileAllowlist(entries).includes(address);

describe('an IP allow-list', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.9/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '::ffff:a01:203', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '11.1.2.3', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['2001:DB8::1', '2001:db8:0:0::1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['10.0.0.0/8', '', false],
    ['10.0.0.0/8', 'not an address', false],
  ])('%s on %s: %s', (entry, address, expected) => {
    expect(includes([entry], address)).toBe(expected);
  });

  it('includes what any of its entries includes', () => {
    expect(includes(['192.0.2.0/24', '2001:db8::/32'], '2001:db8::5')).toBe(true);
    expect(includes(['192.0.2.0/24', '2001:db8::/32'], '192.0.2.5')).toBe(true);
    expect(includes([], '192.0.2.5')).toBe(false);
  });

  it('agrees with the slow, obvious model', () => {
    const near = (address: string) => fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant(address));
    const entry = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
      fc.tuple(
        fc.ipV4().map((address) => `::ffff:${address}`),
        fc.integer({ min: 80, max: 128 }),
      ),
    );
    const cases = entry.chain(([network, prefix]) =>
      fc.tuple(fc.constantFrom(network, `${network}/${prefix}`), near(network)),
    );
    fc.assert(
      fc.property(cases, ([network, address]) => {
        expect(includes([network], address)).toBe(slowIncludes(network, address));
      }),
      { numRuns: 5000 },
    );
  });

  it('is made of addresses and networks', () => {
    const networks = ['10.0.0.1', '10.0.0.0/0', '10.0.0.0/32', '::', '::1/128', '2001:db8::/0', '::ffff:10.0.0.0/104'];
    expect(networks.filter((text) => !isNetwork(text))).toEqual([]);
  });

  it.each([
    '',
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '2001:db8::/129',
    'fe80::1%eth0',
    '010.0.0.1',
    'localhost',
  ])('%j is no network', (text) => {
    expect(isNetwork(text)).toBe(false);
    expect(() => compileAllowlist([text])).toThrow('neither');
  });
});
