import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics } from '@oneclaw/telemetry';
import { Counter } from 'prom-client';
import type { OperationSpec } from '../api/operation.js';
import type { Leases } from '../quota/leases.js';
import { isNeverRefused } from '../quota/never-refused.js';
import type { Admission, Refusal } from '../quota/org-quota.js';
import { paymentRequired } from '../quota/payment-required.js';
import { setQuotaHeaders } from '../quota/quota-headers.js';
import type { RefusalRecorder } from '../sessions/refusal-recorder.js';

/** The reason in the trail. */
const QUOTA_EXCEEDED = 'quota_exceeded';

/**
 * From here on the request counts, however it ends, or is refused with 402 for want of quota, which is in the trail before it is
 * told. Answers tell how much is used.
 */
export function countUsageStep(
  leases: Pick<Leases, 'admit'>,
  refusals: Pick<RefusalRecorder, 'record'>,
  metrics: Metrics,
) {
  const outcomes = quotaOutcomes(metrics);
  const neverRefused = new WeakMap<OperationSpec, boolean>();
  const isFree = (operation: OperationSpec): boolean => {
    const known = neverRefused.get(operation) ?? isNeverRefused(operation);
    neverRefused.set(operation, known);
    return known;
  };
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const { session, operation } = request;
    if (!session || !operation) return done();
    const settle = (outcome: Admission | Refusal) => {
      setQuotaHeaders(reply, outcome);
      outcomes.inc({ outcome: outcome.admitted ? 'admitted' : 'refused' });
      if (!outcome.admitted) {
        const refuse = () => done(paymentRequired(outcome));
        return void refusals.record(request, operation, session, QUOTA_EXCEEDED).then(refuse, done);
      }
      request.admission = outcome;
      done();
    };
    const fail = (error: Error) => {
      outcomes.inc({ outcome: 'unavailable' });
      done(error);
    };
    const outcome = leases.admit(session.orgId, isFree(operation));
    if (outcome instanceof Promise) outcome.then(settle, fail);
    else settle(outcome);
  };
}

function quotaOutcomes({ registry }: Metrics): Counter<'outcome'> {
  return new Counter({
    name: 'quota_requests_total',
    help: 'Requests held against the quota of their org: admitted, refused (402), unavailable (503: billing-svc has been away for too long).',
    labelNames: ['outcome'],
    registers: [registry],
  });
}
