import { describe, expect, it } from '@jest/globals';
import { PLATFORM_ORG_ID } from '@oneclaw/caller';
import { planAt, type OrgPlan } from './plan.js';

const NOW = new Date('2026-05-05T12:00:00Z');
const ORG = '01980000-0000-7000-8000-0000000000aa';
const stored = (change: Partial<OrgPlan>): OrgPlan => ({
  orgId: ORG,
  tier: null,
  tierUntil: null,
  requestsOverride: null,
  isSponsored: false,
  overageMethod: 'credits',
  ...change,
});
const at = (change: Partial<OrgPlan>, now = NOW) => planAt(now, ORG, stored(change), 'free');

describe('the plan of an org', () => {
  it('of which nothing is known is the default tier', () => {
    expect(planAt(NOW, ORG, undefined, 'free')).toEqual({
      orgId: ORG,
      tier: 'free',
      requests: 1000,
      vaults: 3,
      secrets: 50,
      agents: 2,
      cmek: false,
      exempt: false,
      tierUntil: null,
      overageMethod: 'credits',
    });
    expect(planAt(NOW, ORG, undefined, 'business').tier).toBe('business');
  });

  it.each([
    ['pro', { requests: 25_000, vaults: 25, secrets: 500, agents: 10, cmek: false }],
    ['business', { requests: 100_000, vaults: 100, secrets: 5000, agents: 50, cmek: true }],
    ['enterprise', { requests: null, vaults: null, secrets: null, agents: null, cmek: true }],
  ] as const)('allows on %s what the tier allows', (tier, allowed) => {
    expect(at({ tier })).toMatchObject({ tier, ...allowed });
  });

  it('falls back to the default tier at the end of its period, to the millisecond', () => {
    const tierUntil = new Date(NOW.getTime() + 1);
    expect(at({ tier: 'pro', tierUntil }).tier).toBe('pro');
    expect(at({ tier: 'pro', tierUntil }, tierUntil).tier).toBe('free');
  });

  it('may have requests of its own, and keeps the limits of its tier', () => {
    expect(at({ requestsOverride: 5 })).toMatchObject({ requests: 5, vaults: 3 });
    expect(at({ requestsOverride: 0 }).requests).toBe(0);
  });

  it.each([
    ['a sponsored org', at({ isSponsored: true, tier: 'pro', requestsOverride: 5 })],
    ['the platform org', planAt(NOW, PLATFORM_ORG_ID, undefined, 'free')],
  ])('limits nothing of %s', (_, plan) => {
    expect(plan).toMatchObject({ exempt: true, requests: null, vaults: null, secrets: null, agents: null });
  });
});
