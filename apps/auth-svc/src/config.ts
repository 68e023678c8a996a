import { baseFields, boolean, duration, integer, list, listenAddress, secretFile, text } from '@oneclaw/config';
import { z } from 'zod';

/** A password in a URL would stand in the environment: it belongs into its own file. */
const smtpUrl = () =>
  z
    .url({ protocol: /^smtps?$/, error: 'must be an smtp or smtps URL' })
    .transform((value) => new URL(value))
    .refine(({ password }) => password === '', 'must not contain the password: use SMTP_PASSWORD_FILE');

export const configFields = {
  ...baseFields,
  GRPC_LISTEN: listenAddress(),
  /** postgres://… of the service's own role. */
  DATABASE_URL_FILE: secretFile(),
  DATABASE_POOL_SIZE: integer(2, 100).default(10),
  NATS_URL_FILE: secretFile(),
  CRYPTO_SVC_URL: text(),
  VAULT_SVC_URL: text(),
  BILLING_SVC_URL: text(),
  /** `iss` and `aud` of session tokens. */
  TOKEN_ISSUER: text(),
  TOKEN_AUDIENCE: text(),
  USER_TOKEN_LIFETIME: duration().default(15 * 60_000),
  AGENT_TOKEN_LIFETIME: duration().default(60 * 60_000),
  /** How long a login waits for the second factor. */
  MFA_CHALLENGE_LIFETIME: duration().default(5 * 60_000),
  DEVICE_TOKEN_LIFETIME: duration().default(24 * 60 * 60_000),
  /**
   * The first owner of the platform's org, which is made when the service starts for the first time; of no meaning afterwards. The
   * password is to be changed by its owner.
   */
  PLATFORM_ADMIN_EMAIL: text().optional(),
  PLATFORM_ADMIN_PASSWORD_FILE: secretFile().optional(),
  /** Where people find us; links in mails begin with it. */
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
  /** smtp:// (STARTTLS) or smtps://, with the user's name if there is one. Without it mails wait, and are given up in the end. */
  SMTP_URL: smtpUrl().optional(),
  SMTP_PASSWORD_FILE: secretFile().optional(),
  /** The sender's address; `no-reply@` the host of PUBLIC_URL unless told. */
  MAIL_FROM: z.email('must be an email address').optional(),
  MAIL_FROM_NAME: text().default('OneClaw'),
  /** How long a mail is tried again before it is set aside, with an alarm (RFC 5321, 4.5.4.1: four to five days). */
  MAIL_GIVE_UP_AFTER: duration().default(4 * 24 * 3_600_000),
  /** OAuth client ids whose ID tokens log people in, separated by commas; none = no sign-in with Google. */
  GOOGLE_CLIENT_IDS: list().default([]),
  /** Another OpenID provider may stand in. */
  GOOGLE_ISSUER: text().default('https://accounts.google.com'),
  GOOGLE_JWKS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .default('https://www.googleapis.com/oauth2/v3/certs'),
  /**
   * argon2id at OWASP's minimum: 19 MiB, two passes, one lane; some 25 ms of one core per login. Stored hashes follow a change at
   * their owner's next login.
   */
  ARGON2_MEMORY_KIB: integer(19_456, 1_048_576).default(19_456),
  ARGON2_ITERATIONS: integer(2, 20).default(2),
  /** Hashes at once: memory in use stays below this times ARGON2_MEMORY_KIB. One makes some 40 logins a second. */
  ARGON2_CONCURRENCY: integer(1, 64).default(1),
  /**
   * What may be asked of addresses that users supply (issuers of agents): http besides https, and targets that are not on the public
   * internet, by address, CIDR or host name.
   */
  OUTBOUND_ALLOW_HTTP: boolean().default(false),
  OUTBOUND_ALLOWED_TARGETS: list().default([]),
};

export type AuthConfig = z.infer<z.ZodObject<typeof configFields>>;

/** Injection token. */
export const CONFIG = Symbol('AuthConfig');
