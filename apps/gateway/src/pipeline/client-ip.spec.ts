import { describe, expect, it } from '@jest/globals';
import { TrustedProxies, clientIp } from './client-ip.js';

const nobody = new TrustedProxies([]);
const proxies = new TrustedProxies(['10.0.0.0/8', '192.0.2.1', 'fd00::/8']);

describe("the client's address", () => {
  it("is the socket's, whatever the header says, unless a trusted proxy calls", () => {
    expect(clientIp('203.0.113.9', '198.51.100.1', nobody)).toBe('203.0.113.9');
    expect(clientIp('203.0.113.9', '198.51.100.1', proxies)).toBe('203.0.113.9');
  });

  it.each([
    ['one hop', '198.51.100.1', '198.51.100.1'],
    ['what a client wrote itself stands further left', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
    ['a chain of trusted proxies', '198.51.100.1, 10.1.2.3, 192.0.2.1', '198.51.100.1'],
    ['only trusted ones', '10.9.9.9, 10.1.2.3', '10.9.9.9'],
    ['an address with a port', '198.51.100.1:4711', '198.51.100.1'],
    ['IPv6', '2001:DB8::7', '2001:db8::7'],
    ['IPv6 in a longer spelling', '2001:0DB8:0:0:0::7', '2001:db8::7'],
    ['IPv6 with a port', '[2001:db8::7]:443', '2001:db8::7'],
    ['IPv4 in IPv6', '::ffff:198.51.100.1', '198.51.100.1'],
    ['IPv4 in IPv6, in hex', '0:0:0:0:0:ffff:c633:6401', '198.51.100.1'],
    ['a trusted proxy in IPv6 clothing', '198.51.100.1, ::ffff:a01:203', '198.51.100.1'],
    ['an IPv6 zone', 'fe80::1%eth0', 'fe80::1'],
    ['nonsense on the right: no further than the proxy that wrote it', '198.51.100.1, nonsense', '10.0.0.1'],
    ['an empty header', '', '10.0.0.1'],
    ['an empty hop', '198.51.100.1, ', '10.0.0.1'],
    ['what RFC 7239 calls unknown', '198.51.100.1, unknown', '10.0.0.1'],
    ['a number that only C takes for an address', '198.51.100.1, 0x7f.1', '10.0.0.1'],
    ['an address with leading zeros', '198.51.100.1, 010.0.0.1', '10.0.0.1'],
  ])('behind a trusted proxy is the right-most one that is none: %s', (_, header, address) => {
    expect(clientIp('10.0.0.1', header, proxies)).toBe(address);
  });

  it('is found behind a proxy that the socket shows as IPv4 in IPv6', () => {
    expect(clientIp('::ffff:10.0.0.1', '198.51.100.1', proxies)).toBe('198.51.100.1');
    expect(clientIp('fd00::1', '198.51.100.1', proxies)).toBe('198.51.100.1');
    expect(clientIp(undefined, '198.51.100.1', proxies)).toBe('');
  });

  it.each(['10.0.0.0/33', '10.0.0', 'example.com', '::/129', '10.0.0.0/x', '10.0.0.0/'])(
    'is not sought behind %s',
    (cidr) => {
      expect(() => new TrustedProxies([cidr])).toThrow(cidr);
    },
  );
});
