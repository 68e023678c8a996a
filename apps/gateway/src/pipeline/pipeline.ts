import type {
  FastifyInstance,
  onRequestAbortHookHandler,
  onRequestHookHandler,
  onResponseHookHandler,
  onSendHookHandler,
  preHandlerHookHandler,
  preParsingHookHandler,
} from 'fastify';

/** Each step is a small piece of its own; here is their order, and nothing else. */
export interface PipelineSteps {
  begin: onRequestHookHandler;
  giveWay: onRequestHookHandler;
  cors: onRequestHookHandler;
  findRoute: onRequestHookHandler;
  limitRate: onRequestHookHandler;
  sendPage: onRequestHookHandler;
  authenticate: onRequestHookHandler;
  checkIpRules: onRequestHookHandler;
  checkMaintenance: onRequestHookHandler;
  barCallers: onRequestHookHandler;
  countUsage: onRequestHookHandler;
  inviteBody: preParsingHookHandler;
  /** Only with traces: the body came by another way than the steps. */
  resumeTrace?: preHandlerHookHandler;
  answering: onSendHookHandler;
  answered: onResponseHookHandler;
  aborted: onRequestAbortHookHandler;
}

/**
 * The way of every request, in the order that the contract fixes. A step that refuses ends it; what it sends passes the one
 * encoder of problems. The body is read only after all of this, and validated only then.
 */
export function registerPipeline(app: FastifyInstance, steps: PipelineSteps): void {
  // 1. Request id, deadline, client address, security headers.
  app.addHook('onRequest', steps.begin);
  // Known callers go first. It is not a matter of rights: everybody passes.
  app.addHook('onRequest', steps.giveWay);
  // CORS preflights end here.
  app.addHook('onRequest', steps.cors);
  // Unknown route 404, known path with the wrong method 405.
  app.addHook('onRequest', steps.findRoute);
  // 2. Token buckets per client address: 429.
  app.addHook('onRequest', steps.limitRate);
  // Browsers get the page of an operation that has one; it asks for nothing yet.
  app.addHook('onRequest', steps.sendPage);
  // 3. Who calls: 401. Public operations never look at the header.
  app.addHook('onRequest', steps.authenticate);
  // 4. IP rules of the caller's org: 403.
  app.addHook('onRequest', steps.checkIpRules);
  // During maintenance: 503, but for health, auth and the platform org.
  app.addHook('onRequest', steps.checkMaintenance);
  // Bars by kind of caller: what an agent's token may not call at all: 403.
  app.addHook('onRequest', steps.barCallers);
  // 5. The request counts from here on, or ends here: over quota 402. Payment for what is beyond the quota belongs here too: by
  //    credits inside the lease that is asked for, by x402 before it.
  // 6. Quota headers.
  app.addHook('onRequest', steps.countUsage);
  // 7. The body, for those who wait to be asked for it; then the handler: validation, and the services decide.
  app.addHook('preParsing', steps.inviteBody);
  if (steps.resumeTrace) app.addHook('preHandler', steps.resumeTrace);

  // Before the answer leaves: its usage is reported, so that no kill comes between.
  app.addHook('onSend', steps.answering);
  // Afterwards, once: metrics, access log, usage that no answer has reported.
  app.addHook('onResponse', steps.answered);
  app.addHook('onRequestAbort', steps.aborted);
}
