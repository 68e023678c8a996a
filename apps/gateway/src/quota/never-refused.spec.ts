import { describe, expect, it } from '@jest/globals';
import { isNeverRefused } from './never-refused.js';

describe('requests over quota', () => {
  it.each([
    '/v1/auth/me',
    '/v1/billing/usage',
    '/v1/org/members',
    '/v1/security/ip-rules',
    '/v1/admin/users',
    '/v1/agents/me',
  ])('are served on %s', (path) => expect(isNeverRefused({ path })).toBe(true));

  it.each([
    '/v1/agents',
    '/v1/agents/:agent_id',
    '/v1/vaults',
    '/v1/audit/events',
    '/v1/shares/inbound',
    '/v1/organisation',
  ])('are refused on %s', (path) => expect(isNeverRefused({ path })).toBe(false));
});
