import { describe, expect, it } from '@jest/globals';
import { keyOf } from './throttle-keys.js';

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
