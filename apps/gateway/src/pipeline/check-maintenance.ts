import { PLATFORM_ORG_ID } from '@oneclaw/caller';
import { unavailable } from '@oneclaw/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PlatformFacts, PlatformState } from '../platform/platform-state.js';

const RETRY_AFTER_SECONDS = 30;

/** During maintenance nothing is served but health, auth and what is outside of the API; and the platform org, which ends it. */
export function checkMaintenanceStep(platform: Pick<PlatformState, 'known' | 'get'>) {
  return (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    if (isExempt(request)) return done();
    const { known } = platform;
    if (known) return done(refusalOf(known));
    platform.get().then((facts) => done(refusalOf(facts)), done);
  };
}

function isExempt({ operation, session }: FastifyRequest): boolean {
  const path = operation?.path ?? '';
  const open = !path.startsWith('/v1/') || path.startsWith('/v1/auth/') || path.startsWith('/v1/health');
  return open || session?.orgId === PLATFORM_ORG_ID;
}

function refusalOf({ maintenance }: PlatformFacts): Error | undefined {
  if (!maintenance) return undefined;
  return unavailable('The service is under maintenance. Try again later.', undefined, RETRY_AFTER_SECONDS);
}
