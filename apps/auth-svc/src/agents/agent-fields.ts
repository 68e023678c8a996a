import { validate as isUuid } from 'uuid';
import type { AgentSettings } from './agent.entity.js';
import { scopeProblem } from './scope.js';

/** A sentence on what is wrong with the value, or nothing. */
type Check<T> = (value: T) => string | undefined;

export const MAX_ENTRIES = 64;
/** Scopes and vault ids travel in tokens, which travel in headers: together they must stay below 8 KiB in base64. */
export const MAX_SCOPES_LENGTH = 2048;
export const MIN_TTL_SECONDS = 120;
export const MAX_TTL_SECONDS = 86_400;
const MAX_SHROUD_CONFIG = 16_384;

const AUTH_METHODS: readonly string[] = ['api_key', 'mtls', 'oidc_client_credentials'];
const CONTROL = /\p{Cc}/u;
/** Line breaks and tabs are text. */
const CONTROL_BUT_LAYOUT = /(?![\n\r\t])\p{Cc}/u;

const when =
  (wrong: (value: string) => boolean, problem: string): Check<string> =>
  (value) =>
    wrong(value) ? problem : undefined;

const matching = (pattern: RegExp, problem: string) => when((value) => !pattern.test(value), problem);

const optional =
  <T>(check: Check<T>): Check<T | null> =>
  (value) =>
    value === null ? undefined : check(value);

const each =
  (check: Check<string>): Check<string[]> =>
  (values) => {
    if (values.length > MAX_ENTRIES) return `must have at most ${MAX_ENTRIES} entries`;
    const index = values.findIndex((value) => check(value) !== undefined);
    return index < 0 ? undefined : `entry ${index} ${check(values[index] as string)}`;
  };

const amount = matching(/^\d{1,30}(\.\d{1,18})?$/, 'must be an amount in native units, such as "0.5"');

/** What each field must look like by itself, by its name in the API. */
export const AGENT_FIELDS: { [K in keyof AgentSettings]: { name: string; check: Check<AgentSettings[K]> } } = {
  name: {
    name: 'name',
    check: when(
      (value) => value.trim() === '' || [...value].length > 128 || CONTROL.test(value),
      'must have 1 to 128 characters',
    ),
  },
  description: {
    name: 'description',
    check: optional(
      when((value) => [...value].length > 1024 || CONTROL_BUT_LAYOUT.test(value), 'must have at most 1024 characters'),
    ),
  },
  authMethod: {
    name: 'auth_method',
    check: (value) => (AUTH_METHODS.includes(value) ? undefined : `must be one of ${AUTH_METHODS.join(', ')}`),
  },
  scopes: { name: 'scopes', check: (value) => each(scopeProblem)(value) ?? tooLong(value) },
  vaultIds: { name: 'vault_ids', check: each(when((value) => !isUuid(value), 'is not a UUID')) },
  expiresAt: {
    name: 'expires_at',
    check: optional((value) => (Number.isNaN(value.getTime()) ? 'is not a date' : undefined)),
  },
  intentsApiEnabled: { name: 'intents_api_enabled', check: () => undefined },
  txToAllowlist: { name: 'tx_to_allowlist', check: each(matching(/^0x[0-9a-fA-F]{40}$/, 'is not an address')) },
  txMaxValueEth: { name: 'tx_max_value_eth', check: optional(amount) },
  txDailyLimitEth: { name: 'tx_daily_limit_eth', check: optional(amount) },
  txAllowedChains: {
    name: 'tx_allowed_chains',
    check: each(matching(/^[A-Za-z0-9-]{1,64}$/, 'is not the name or number of a chain')),
  },
  tokenTtlSeconds: {
    name: 'token_ttl_seconds',
    check: optional((value) =>
      value >= MIN_TTL_SECONDS && value <= MAX_TTL_SECONDS
        ? undefined
        : `must be between ${MIN_TTL_SECONDS} and ${MAX_TTL_SECONDS}`,
    ),
  },
  clientCertFingerprint: {
    name: 'client_cert_fingerprint',
    check: optional(matching(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 hex digits')),
  },
  oidcIssuer: {
    name: 'oidc_issuer',
    check: optional(when((value) => !isHttpsIssuer(value), 'must be an https URL without query or fragment')),
  },
  oidcClientId: {
    name: 'oidc_client_id',
    check: optional(when((value) => value.length > 256 || CONTROL.test(value), 'must have at most 256 characters')),
  },
  shroudEnabled: { name: 'shroud_enabled', check: () => undefined },
  shroudConfig: {
    name: 'shroud_config',
    check: optional(when((value) => !isSmallObject(value), 'must be a JSON object of at most 16 KiB')),
  },
};

function tooLong(scopes: string[]): string | undefined {
  return scopes.join('').length > MAX_SCOPES_LENGTH
    ? `must have at most ${MAX_SCOPES_LENGTH} characters together`
    : undefined;
}

/** OpenID Connect Discovery 1.0, section 2: an issuer has no query and no fragment. */
function isHttpsIssuer(text: string): boolean {
  const url = text.length <= 512 ? URL.parse(text) : null;
  return url?.protocol === 'https:' && url.username === '' && url.password === '' && !/[?#\s]/.test(text);
}

function isSmallObject(json: string): boolean {
  if (Buffer.byteLength(json) > MAX_SHROUD_CONFIG) return false;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
