import { describe, expect, it } from '@jest/globals';
import type { Claim, Lease } from './lease.js';
import { shareOut, type PeriodState } from './share-out.js';

const NOW = new Date('2026-05-15T12:00:00Z');
const claim = (change: Partial<Claim>): Claim => ({
  leaseId: 'l1',
  orgId: 'o1',
  number: 1,
  admitted: 0,
  held: 0,
  waiting: 0,
  ahead: 0,
  ...change,
});
const lease = (change: Partial<Lease>): Lease => ({
  id: 'l2',
  orgId: 'o1',
  periodStart: NOW,
  claim: 1,
  granted: 0,
  used: 0,
  unspent: 0,
  renewedAt: NOW,
  expiresAt: NOW,
  ...change,
});
const share = (state: Partial<PeriodState>, change: Partial<Claim>, used = 0) =>
  shareOut({ limit: 1000, requests: 0, others: [], ...state }, { used }, claim(change), NOW);

describe('what is left of a quota', () => {
  it('goes to requests that wait, and a twentieth of the rest to those that are expected', () => {
    expect(share({}, { waiting: 1, ahead: 500 })).toMatchObject({ granted: 1 + 49, keep: 49 });
    expect(share({}, { waiting: 1, ahead: 10 })).toMatchObject({ granted: 11 });
  });

  it('is shared out one by one near the limit', () => {
    expect(share({ requests: 981 }, { waiting: 1, ahead: 500 })).toMatchObject({ granted: 1, keep: 0 });
    expect(share({ requests: 999 }, { waiting: 3, ahead: 500 })).toMatchObject({ granted: 1 });
    expect(share({ requests: 1000 }, { waiting: 3 })).toMatchObject({ granted: 0 });
  });

  it('is what neither was counted nor is reserved by another lease', () => {
    const others = [lease({ granted: 100, used: 40 }), lease({ id: 'l3', granted: 10, used: 10 })];
    expect(share({ requests: 50, limit: 112, others }, { waiting: 5 })).toMatchObject({ granted: 2 });
  });

  it('is not reduced twice by what the lease itself has used', () => {
    const state = { requests: 90, limit: 100 };
    expect(share(state, { number: 2, admitted: 95, held: 95, waiting: 9 }, 90)).toMatchObject({ granted: 95 + 5 });
  });

  it('grows by what a lease gives back', () => {
    const given = share({ requests: 10, limit: 100 }, { number: 2, admitted: 10, held: 10, waiting: 90 }, 10);
    expect(given).toMatchObject({ granted: 100 });
  });

  it('is never below nothing, whatever was admitted unasked', () => {
    const overdrawn = share({ requests: 100, limit: 100 }, { number: 2, admitted: 130, held: 130, waiting: 1 }, 100);
    expect(overdrawn).toMatchObject({ granted: 130, keep: 0 });
  });

  it('does not pile up at one gateway: what it has unspent counts as expected', () => {
    expect(share({ requests: 0, limit: 1000 }, { admitted: 0, held: 40, ahead: 40 })).toMatchObject({ granted: 48 });
  });

  it('is enough for all that comes where nothing limits it', () => {
    expect(share({ limit: null }, { held: 5, waiting: 3 })).toMatchObject({ granted: 8, unusedElsewhere: 0 });
  });
});

describe('while nobody can be asked', () => {
  it('gateways that live share what is left', () => {
    const others = [lease({ granted: 100 }), lease({ id: 'l3', renewedAt: new Date(NOW.getTime() - 3000) })];
    expect(share({ others }, { waiting: 10 })).toMatchObject({ granted: 10, shareAlone: 445 });
    expect(share({ requests: 1000 }, {})).toMatchObject({ shareAlone: 0 });
  });
});

describe('what is refused now', () => {
  it('may be granted in a moment while other gateways that live hold what they have not used', () => {
    const others = [lease({ granted: 10, unspent: 7 })];
    expect(share({ limit: 10, others }, { waiting: 1 })).toMatchObject({ granted: 0, unusedElsewhere: 7 });
  });

  it('is not worth waiting for where the other has been silent for three seconds', () => {
    const others = [lease({ granted: 10, unspent: 7, renewedAt: new Date(NOW.getTime() - 3000) })];
    expect(share({ limit: 10, others }, { waiting: 1 })).toMatchObject({ granted: 0, unusedElsewhere: 0 });
  });
});
