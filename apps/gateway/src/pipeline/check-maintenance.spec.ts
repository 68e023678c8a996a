import { describe, expect, it } from '@jest/globals';
import { PLATFORM_ORG_ID } from '@oneclaw/caller';
import type { FastifyRequest } from 'fastify';
import { checkMaintenanceStep } from './check-maintenance.js';

const facts = (maintenance: boolean) => ({ maintenance, requireSimulation: false });

function check(path: string, orgId: string | undefined, known: boolean | undefined, asked = false) {
  const platform = { known: known === undefined ? undefined : facts(known), get: async () => facts(asked) };
  const request = { operation: { path }, session: orgId ? { orgId } : undefined } as FastifyRequest;
  return new Promise<Error | undefined>((resolve) =>
    checkMaintenanceStep(platform)(request, undefined as never, resolve),
  );
}

const refused = { code: 'unavailable', retryAfterSeconds: 30 };

describe('maintenance', () => {
  it.each(['/v1/vaults', '/v1/admin/settings', '/v1/share/:share_id', '/v1/chains', '/v1/agents/enroll'])(
    'stops %s, but for the platform org',
    async (path) => {
      expect(await check(path, 'some-org', true)).toMatchObject(refused);
      expect(await check(path, undefined, true)).toMatchObject(refused);
      expect(await check(path, PLATFORM_ORG_ID, true)).toBeUndefined();
      expect(await check(path, 'some-org', false)).toBeUndefined();
    },
  );

  it.each(['/v1/health', '/v1/health/hsm', '/v1/auth/token', '/v1/auth/me', '/openapi.json', '/verify-email'])(
    'does not stop %s',
    async (path) => {
      expect(await check(path, 'some-org', true)).toBeUndefined();
      expect(await check(path, undefined, true)).toBeUndefined();
    },
  );

  it('is asked about where it is not known', async () => {
    expect(await check('/v1/vaults', 'some-org', undefined, true)).toMatchObject(refused);
    expect(await check('/v1/vaults', 'some-org', undefined, false)).toBeUndefined();
  });
});
