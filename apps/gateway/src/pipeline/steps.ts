import type { INestApplicationContext } from '@nestjs/common';
import type { Logger, Metrics } from '@oneclaw/telemetry';
import type { GatewayConfig } from '../config.js';
import { baseHeaders } from '../http/base-headers.js';
import { sendProblem } from '../http/send-problem.js';
import { OPERATIONS } from '../operations.js';
import { PlatformState } from '../platform/platform-state.js';
import { RefusalRecorder } from '../sessions/refusal-recorder.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { Leases } from '../quota/leases.js';
import { UsageRecorder } from '../usage/usage-recorder.js';
import { authenticateStep } from './authenticate.js';
import { barCallersStep } from './bar-callers.js';
import { beginStep } from './begin.js';
import { checkIpRulesStep } from './check-ip-rules.js';
import { countUsageStep } from './count-usage.js';
import { checkMaintenanceStep } from './check-maintenance.js';
import { ClientCertificates } from './client-certificate.js';
import { corsStep } from './cors.js';
import { Deadlines } from './deadlines.js';
import { endStep } from './end.js';
import { findRoute } from './find-route.js';
import { giveWayStep } from './give-way.js';
import { inviteBody } from './invite-body.js';
import { limitRateStep } from './limit-rate.js';
import type { PipelineSteps } from './pipeline.js';
import { recordUsageOf } from './record-usage.js';
import { requestMetrics, waitingMetric } from './request-metrics.js';
import { RightOfWay } from './right-of-way.js';
import { sendPage } from './send-page.js';
import { traceSteps } from './trace-steps.js';
import { TokenBuckets } from './token-buckets.js';

const REQUEST_TIMEOUT_MS = 10_000;

/** The steps with all they need. What each of them does is in its own file; their order is in pipeline.ts. */
export function pipelineSteps(
  app: INestApplicationContext,
  config: GatewayConfig,
  { logger, metrics }: { logger: Logger; metrics: Metrics },
): PipelineSteps & { close(): void } {
  const deadlines = new Deadlines(REQUEST_TIMEOUT_MS, (error, request, reply) =>
    sendProblem(error, request, reply, logger),
  );
  const general = new TokenBuckets({ perSecond: config.RATE_LIMIT_PER_SECOND, burst: config.RATE_LIMIT_BURST });
  const signup = new TokenBuckets({ perSecond: config.SIGNUPS_PER_HOUR / 3600, burst: config.SIGNUPS_PER_HOUR });
  const enroll = new TokenBuckets({ perSecond: config.ENROLLMENTS_PER_SECOND, burst: config.ENROLLMENT_BURST });
  const codesPerMinute = config.DEVICE_CODES_PER_MINUTE;
  const deviceCodes = new TokenBuckets({ perSecond: codesPerMinute / 60, burst: codesPerMinute });
  const rightOfWay = new RightOfWay();
  waitingMetric(metrics, rightOfWay);
  const headers = baseHeaders(config.PUBLIC_URL);
  const certificates = new ClientCertificates(config.TRUSTED_PROXIES, config.CLIENT_CERT_HEADER);
  const recordUsage = recordUsageOf(app.get(UsageRecorder));
  const end = endStep({ deadlines, logger, duration: requestMetrics(metrics), rightOfWay, recordUsage });
  return traceSteps({
    begin: beginStep({ proxies: config.TRUSTED_PROXIES, certificates, deadlines, headers }),
    giveWay: giveWayStep(app.get(SessionsService), rightOfWay),
    cors: corsStep(config.CORS_ORIGINS, OPERATIONS),
    findRoute,
    limitRate: limitRateStep({ general, own: { signup, enroll, device_code: deviceCodes } }),
    sendPage,
    authenticate: authenticateStep(app.get(SessionsService)),
    checkIpRules: checkIpRulesStep(app.get(RefusalRecorder)),
    checkMaintenance: checkMaintenanceStep(app.get(PlatformState)),
    barCallers: barCallersStep(app.get(RefusalRecorder)),
    countUsage: countUsageStep(app.get(Leases), app.get(RefusalRecorder), metrics),
    inviteBody,
    answering: (request, reply, _payload, done) => {
      recordUsage(request, reply.statusCode);
      done();
    },
    answered: end.answered,
    aborted: end.aborted,
    close: () => {
      deadlines.close();
      rightOfWay.close();
    },
  });
}
