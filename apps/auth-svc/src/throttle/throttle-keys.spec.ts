import { describe, expect, it } from '@jest/globals';
import { networkOf } from './network.js';
import { keyOf } from './throttle-keys.js';

describe('the network of a client', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['', ''],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('the key of a counter', () => {
  const subject = { account: 'ada@example.com', ip: '192.0.2.7' };
  const key = (policy: 'password' | 'mfa_code', scope: 'account' | 'ip' | 'account_and_ip', changes = {}) =>
    keyOf(policy, { scope }, { ...subject, ...changes }).toString('hex');

  it('of an account is that of one policy, wherever the client is', () => {
    expect(key('password', 'account', { ip: '198.51.100.1' })).toBe(key('password', 'account'));
    expect(key('mfa_code', 'account')).not.toBe(key('password', 'account'));
  });

  it('of an address is that of all policies and accounts', () => {
    expect(key('mfa_code', 'ip', { account: 'grace@example.com' })).toBe(key('password', 'ip'));
  });

  it('of both is of neither alone', () => {
    const both = key('password', 'account_and_ip');
    expect(key('password', 'account_and_ip', { ip: '198.51.100.1' })).not.toBe(both);
    expect(key('password', 'account_and_ip', { account: 'grace@example.com' })).not.toBe(both);
    expect(key('password', 'account_and_ip', { ip: '2001:db8::1' })).toBe(
      key('password', 'account_and_ip', { ip: '2001:db8::2' }),
    );
  });
});
