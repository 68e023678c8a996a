export { createLogger, type Logger } from './logger.js';
export { scrub } from './scrub.js';
export { Readiness } from './readiness.js';
export { Metrics } from './metrics.js';
export { AdminServer } from './admin-server.js';
export { TelemetryModule, LOGGER } from './telemetry.module.js';
export { activeTracing, startTracing, stopTracing, traced } from './tracing/tracing.js';
export { NestLogger } from './nest-logger.js';
