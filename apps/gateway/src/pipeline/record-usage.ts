import type { FastifyRequest } from 'fastify';
import type { UsageRecorder } from '../usage/usage-recorder.js';

export type RecordUsage = (request: FastifyRequest, status: number) => void;

/** Reports an admitted request, the first time that it is called for it. */
export function recordUsageOf(usage: Pick<UsageRecorder, 'record'>): RecordUsage {
  return (request, status) => {
    const { admission, session, operation } = request;
    if (!admission || !session || !operation) return;
    request.admission = undefined;
    usage.record(session, operation, status, admission);
  };
}
