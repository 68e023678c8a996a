import { describe, expect, it } from '@jest/globals';
import { canonicalNetwork, type IpRule, IpRules } from './ip-rules.js';

describe('a network', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7/32', '192.0.2.7/32'],
    ['192.0.2.7/24', '192.0.2.0/24'],
    ['192.0.2.255/31', '192.0.2.254/31'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['203.0.113.9/0', '0.0.0.0/0'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:1:2:3:4:5:6/48', '2001:db8:1::/48'],
    ['2001:db8::1:2/127', '2001:db8::1:2/127'],
    ['2001:db8::1:3/127', '2001:db8::1:2/127'],
    ['::/0', '::/0'],
    ['::1', '::1'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['::ffff:192.0.2.7/120', '192.0.2.0/24'],
    ['::FFFF:0:0/96', '0.0.0.0/0'],
    ['::ffff:192.0.2.7/90', '::ffc0:0:0/90'],
  ])('%s is written %s', (text, canonical) => {
    expect(canonicalNetwork(text)).toBe(canonical);
    expect(canonicalNetwork(canonical)).toBe(canonical);
  });

  it.each([
    '',
    ' 192.0.2.7',
    '192.0.2',
    '192.0.2.256',
    '192.0.02.7',
    '0x7f.0.0.1',
    '2130706433',
    '192.0.2.7/33',
    '192.0.2.7/',
    '192.0.2.7/-1',
    '192.0.2.7/08',
    '192.0.2.7/24/8',
    '192.0.2.7/255.255.255.0',
    '2001:db8::/129',
    'fe80::1%eth0',
    '[::1]',
    '::1::',
    'example.com',
    '*',
  ])('is not %j', (text) => {
    expect(canonicalNetwork(text)).toBeUndefined();
  });
});

const rule = (ruleType: IpRule['ruleType'], cidr: string, appliesTo: IpRule['appliesTo'] = 'all'): IpRule => ({
  ruleType,
  cidr,
  appliesTo,
});

/** For a user and for an agent. */
const verdicts = (rules: IpRule[], address: string) =>
  (['user', 'agent'] as const).map((type) => new IpRules(rules).refusal(type, address));

describe('rules', () => {
  it('that are not there refuse nobody', () => {
    expect(verdicts([], '192.0.2.7')).toEqual([undefined, undefined]);
    expect(verdicts([], '')).toEqual([undefined, undefined]);
  });

  it('that allow make a list of what is allowed, for those to whom they apply', () => {
    const rules = [rule('allow', '192.0.2.0/24', 'users'), rule('allow', '2001:db8::/32', 'users')];
    expect(verdicts(rules, '192.0.2.7')).toEqual([undefined, undefined]);
    expect(verdicts(rules, '2001:db8:1::1')).toEqual([undefined, undefined]);
    expect(verdicts(rules, '198.51.100.1')).toEqual(['not_on_allow_list', undefined]);
    expect(verdicts([rule('allow', '192.0.2.7', 'agents')], '192.0.2.8')).toEqual([undefined, 'not_on_allow_list']);
    const both = [rule('allow', '192.0.2.7'), rule('allow', '192.0.2.8', 'agents')];
    expect(verdicts(both, '192.0.2.7')).toEqual([undefined, undefined]);
    expect(verdicts(both, '192.0.2.8')).toEqual(['not_on_allow_list', undefined]);
  });

  it.each(['block', 'deny'] as const)('that %s win over all that allow, in whatever order', (type) => {
    const rules = [rule('allow', '192.0.2.0/24'), rule(type, '192.0.2.7')];
    for (const ordered of [rules, rules.toReversed()]) {
      expect(verdicts(ordered, '192.0.2.7')).toEqual(['blocked', 'blocked']);
      expect(verdicts(ordered, '192.0.2.8')).toEqual([undefined, undefined]);
    }
    expect(verdicts([rule(type, '0.0.0.0/0', 'agents')], '192.0.2.7')).toEqual([undefined, 'blocked']);
  });

  it('know an address by every spelling', () => {
    const rules = [rule('block', '192.0.2.7'), rule('block', '2001:db8::1')];
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '::ffff:c000:207', '2001:DB8:0::1'])
      expect(verdicts(rules, address)).toEqual(['blocked', 'blocked']);
  });

  it('on IPv6 are none on IPv4, and the other way round', () => {
    expect(verdicts([rule('allow', '::/0')], '192.0.2.7')).toEqual(['not_on_allow_list', 'not_on_allow_list']);
    expect(verdicts([rule('block', '::/0')], '192.0.2.7')).toEqual([undefined, undefined]);
    expect(verdicts([rule('block', '0.0.0.0/0')], '2001:db8::1')).toEqual([undefined, undefined]);
  });

  it('let nobody in whose address is not known, where a list says who may', () => {
    expect(verdicts([rule('allow', '0.0.0.0/0')], '')).toEqual(['not_on_allow_list', 'not_on_allow_list']);
    expect(verdicts([rule('block', '0.0.0.0/0')], 'unknown')).toEqual([undefined, undefined]);
  });

  it('must be networks', () => {
    expect(() => new IpRules([rule('allow', 'x')])).toThrow('neither');
  });
});
