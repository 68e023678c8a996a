import { baseFields, duration, integer, list, listenAddress, secretFile, text, z } from '@oneclaw/config';
import { TrustedProxies } from './pipeline/client-ip.js';

/** CIDRs as a set of addresses, checked at start. */
const trustedProxies = () =>
  list().transform((cidrs, context) => {
    try {
      return new TrustedProxies(cidrs);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

const origins = () =>
  list().refine((values) => values.every((value) => URL.canParse(value) && new URL(value).origin === value), {
    message: 'must be origins such as https://app.example.com',
  });

const headerName = () =>
  text()
    .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header')
    .transform((name) => name.toLowerCase());

const share = () =>
  z
    .string()
    .regex(/^(0|1|0?\.\d+|1\.0+)$/, 'must be a number from 0 to 1')
    .transform(Number);

export const configFields = {
  ...baseFields,
  HTTP_LISTEN: listenAddress(),
  /** HTTPS besides: agents of the method mtls show their certificates here. Needs both files; PEM, the chain included. */
  HTTPS_LISTEN: listenAddress().optional(),
  HTTPS_CERT_FILE: secretFile().optional(),
  HTTPS_KEY_FILE: secretFile().optional(),
  /** Where clients find us; https turns HSTS on. */
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
  /** `iss` and `aud` of session tokens, as auth-svc writes them. */
  TOKEN_ISSUER: text(),
  TOKEN_AUDIENCE: text(),
  AUTH_SVC_URL: text(),
  VAULT_SVC_URL: text(),
  BILLING_SVC_URL: text(),
  AUDIT_SVC_URL: text(),
  /** Hears which cached sessions are void; without it every request is resolved anew. */
  NATS_URL_FILE: secretFile(),
  /** Addresses or CIDRs whose X-Forwarded-For is believed. */
  TRUSTED_PROXIES: trustedProxies().default(() => new TrustedProxies([])),
  /**
   * Header in which those proxies tell the client's certificate that they have seen: its SHA-256 in hex, or PEM, URL-encoded. They
   * must set or remove it on every request. Without it no proxy is believed to have seen one.
   */
  CLIENT_CERT_HEADER: headerName().optional(),
  /** The share of requests that are traced, where traces are on; decided here for all services. */
  OTEL_TRACES_SAMPLER_ARG: share().default(1),
  CORS_ORIGINS: origins().default([]),
  /** Per client address. */
  RATE_LIMIT_PER_SECOND: integer(1, 1_000_000).default(100),
  RATE_LIMIT_BURST: integer(1, 1_000_000).default(200),
  SIGNUPS_PER_HOUR: integer(1, 1_000_000).default(200),
  ENROLLMENTS_PER_SECOND: integer(1, 1_000_000).default(1),
  ENROLLMENT_BURST: integer(1, 1_000_000).default(5),
  DEVICE_CODES_PER_MINUTE: integer(1, 1_000_000).default(60),
  /** While billing-svc is away: how long requests are admitted all the same, and how many of one org beyond its lease. */
  QUOTA_GRACE: duration().default(15 * 60_000),
  QUOTA_GRACE_REQUESTS: integer(0, 1_000_000_000).default(10_000),
  BODY_LIMIT_BYTES: integer(1024, 64 * 1024 * 1024).default(1024 * 1024),
};

export type GatewayConfig = z.infer<z.ZodObject<typeof configFields>>;

/** Injection token. */
export const CONFIG = Symbol('GatewayConfig');
