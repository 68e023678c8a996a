import { describe, expect, it } from '@jest/globals';
import { setQuotaHeaders } from './quota-headers.js';
import type { QuotaFacts } from './org-quota.js';

function headersOf(facts: Partial<QuotaFacts>): Record<string, string> {
  const headers: Record<string, string> = {};
  const reply = {
    header(name: string, value: string) {
      headers[name] = value;
      return reply;
    },
  };
  const known = { tier: 'free', overageMethod: 'credits', creditBalanceCents: 0, creditExpiringSoon: false };
  setQuotaHeaders(reply as never, { used: 0, limit: 1000, ...known, ...facts });
  return headers;
}

describe('the headers of a quota', () => {
  it('tell what is used, of how much, and what pays for more', () => {
    expect(headersOf({ used: 123 })).toEqual({
      'x-ratelimit-requests-used': '123',
      'x-ratelimit-requests-limit': '1000',
      'x-ratelimit-requests-percent': '12',
      'x-credit-balance-cents': '0',
      'x-overage-method': 'credits',
    });
  });

  it.each([
    [800, undefined],
    [801, "80 % of the month's requests are used"],
    [1000, "100 % of the month's requests are used"],
    [1234, "123 % of the month's requests are used"],
  ])('warn above 80 percent: %i of 1000', (used, warning) => {
    expect(headersOf({ used })['x-quota-warning']).toBe(warning);
  });

  it.each([null, undefined])('name no limit where there is none (%s)', (limit) => {
    expect(Object.keys(headersOf({ limit, used: 5 }))).toEqual([
      'x-ratelimit-requests-used',
      'x-credit-balance-cents',
      'x-overage-method',
    ]);
  });

  it('take a quota of nothing for used up', () => {
    expect(headersOf({ limit: 0, used: 0 })['x-ratelimit-requests-percent']).toBe('100');
  });

  it('say that credit expires soon only where it does', () => {
    expect(headersOf({ creditExpiringSoon: true, creditBalanceCents: 250 })).toMatchObject({
      'x-credit-expiring-soon': 'true',
      'x-credit-balance-cents': '250',
    });
  });
});
