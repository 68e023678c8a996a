import { describe, expect, it } from '@jest/globals';
import { networkOf } from './limit-rate.js';

describe('who shares a bucket', () => {
  it('is one address of IPv4', () => {
    expect(networkOf('198.51.100.1')).toBe('198.51.100.1');
  });

  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['2001:db8:1:2:3::', '2001:db8:1:2'],
  ])('is a whole /64 of IPv6: %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
