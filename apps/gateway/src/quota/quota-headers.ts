import type { FastifyReply } from 'fastify';
import type { QuotaFacts } from './org-quota.js';

const WARN_ABOVE = 0.8;

/** Tells how much of its quota the caller's org has used. What has no limit has neither one nor a percentage. */
export function setQuotaHeaders(reply: FastifyReply, facts: QuotaFacts): void {
  const { used, limit, overageMethod, creditBalanceCents, creditExpiringSoon } = facts;
  reply.header('x-ratelimit-requests-used', String(used));
  if (limit !== null && limit !== undefined) {
    const percent = percentOf(used, limit);
    reply.header('x-ratelimit-requests-limit', String(limit)).header('x-ratelimit-requests-percent', String(percent));
    if (used > limit * WARN_ABOVE) reply.header('x-quota-warning', `${percent} % of the month's requests are used`);
  }
  reply.header('x-credit-balance-cents', String(creditBalanceCents)).header('x-overage-method', overageMethod);
  if (creditExpiringSoon) reply.header('x-credit-expiring-soon', 'true');
}

/** Whole, rounded down: 100 says that nothing is left. */
function percentOf(used: number, limit: number): number {
  return limit === 0 ? 100 : Math.floor((used * 100) / limit);
}
