import { describe, expect, it } from '@jest/globals';
import { FetchRefused } from './fetch-refused.js';
import { TargetRules } from './target-rules.js';

function reasonOf(rules: TargetRules, url: string): string {
  try {
    rules.parse(url);
    return 'allowed';
  } catch (error) {
    return (error as FetchRefused).reason;
  }
}

describe('an address to be asked', () => {
  it.each([
    ['https://issuer.test/realm', 'allowed'],
    ['http://issuer.test', 'not_https'],
    ['ftp://issuer.test', 'bad_url'],
    ['file:///etc/passwd', 'bad_url'],
    ['https://user:password@issuer.test', 'bad_url'],
    ['https://', 'bad_url'],
    ['issuer.test', 'bad_url'],
    ['', 'bad_url'],
  ])('%s is %s', (url, reason) => {
    expect(reasonOf(new TargetRules(), url)).toBe(reason);
  });

  it('may do without TLS where that is allowed', () => {
    expect(reasonOf(new TargetRules({ allowHttp: true }), 'http://issuer.test')).toBe('allowed');
    expect(reasonOf(new TargetRules({ allowHttp: true }), 'gopher://issuer.test')).toBe('bad_url');
  });

  it('is seen in its canonical form', () => {
    for (const disguise of [
      'https://0x7f.1',
      'https://2130706433',
      'https://127.1',
      'https://%31%32%37.0.0.1',
      'https://１２７.0.0.1',
    ])
      expect(new TargetRules().parse(disguise).hostname).toBe('127.0.0.1');
  });
});

describe('targets that are allowed besides public ones', () => {
  it('are addresses, networks and names', () => {
    const rules = new TargetRules({ allowTargets: ['10.1.0.0/16', '127.0.0.1', 'fd00::/8', 'Keycloak'] });
    for (const address of ['10.1.2.3', '127.0.0.1', 'fd12::1', '1.1.1.1'])
      expect(rules.allowsAddress(address)).toBe(true);
    for (const address of ['10.2.0.1', '127.0.0.2', 'fe80::1']) expect(rules.allowsAddress(address)).toBe(false);
    expect([rules.knowsName('keycloak'), rules.knowsName('keycloak.evil.test')]).toEqual([true, false]);
  });

  it.each(['10.0.0.0/33', '10.0.0.0/x', 'with space', 'http://x', '*'])('are not %j', (target) => {
    expect(() => new TargetRules({ allowTargets: [target] })).toThrow(target);
  });
});
