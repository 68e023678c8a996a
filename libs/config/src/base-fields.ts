import { z } from 'zod';
import { listenAddress, text } from './fields.js';

/** What every service reads. TLS_* files are demanded by libs/rpc unless TLS_MODE is plaintext. */
export const baseFields = {
  /** `local` relaxes nothing by itself; it only allows TLS_MODE=plaintext on loopback. */
  ONECLAW_PROFILE: z.enum(['local', 'production'], 'must be local or production'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Liveness, readiness and metrics over plain HTTP; never exposed outside the cluster. */
  ADMIN_LISTEN: listenAddress(),
  /** Distinguishes replicas in logs. */
  SERVICE_INSTANCE: text().optional(),
  /** Base URL of an OpenTelemetry receiver (OTLP/HTTP, protobuf); without it there are no traces (docs/tracing.md). */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  TLS_MODE: z.enum(['mtls', 'plaintext'], 'must be mtls or plaintext'),
  TLS_CA_FILE: text().optional(),
  TLS_CERT_FILE: text().optional(),
  TLS_KEY_FILE: text().optional(),
};

export type BaseConfig = z.infer<z.ZodObject<typeof baseFields>>;
