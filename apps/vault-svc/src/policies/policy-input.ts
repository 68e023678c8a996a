import { isIP } from 'node:net';
import { z } from '@oneclaw/config';
import { invalid } from '@oneclaw/errors';
import {
  DAYS,
  PERMISSIONS,
  isNetwork,
  isTimeOfDay,
  isTimeZone,
  patternProblem,
  type Conditions,
  type Permission,
} from './engine/index.js';

const MAX_NETWORKS = 256;
/** Absent and `null` mean the same, and neither is stored. */
const optional = <S extends z.ZodType>(schema: S) => schema.nullish().transform((value) => value ?? undefined);

const timeOfDay = z.string().refine(isTimeOfDay, 'must be a time of day such as 09:30');

const networks = z
  .array(z.string().refine(isNetwork, 'must be an IP address or a CIDR network'))
  .min(1, 'must not be empty')
  .max(MAX_NETWORKS, `must have at most ${MAX_NETWORKS} entries`);

const days = z
  .array(z.enum(DAYS, `must be one of ${DAYS.join(', ')}`))
  .min(1, 'must not be empty')
  .max(DAYS.length, `must have at most ${DAYS.length} entries`);

const timeWindow = z
  .strictObject({
    after: timeOfDay,
    before: timeOfDay,
    timezone: optional(z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin')),
    days: optional(days),
  })
  .refine(({ after, before }) => after !== before, { path: ['before'], message: 'must differ from after' });

const conditionsSchema = z.strictObject({ ip_allowlist: optional(networks), time_window: optional(timeWindow) });

/** Field path to what is wrong with it. */
export type Problems = Record<string, string>;

/** Of a JSON object of conditions; empty text = none. */
export function parseConditions(json: string, problems: Problems): Conditions {
  const parsed = conditionsSchema.safeParse(parseJson(json === '' ? '{}' : json));
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const path = ['conditions', ...issue.path];
    for (const key of keys) problems[[...path, key].join('.')] = 'is not a known condition';
    if (keys.length === 0) problems[path.join('.')] = issue.message;
  }
  return {};
}

export function checkPattern(pattern: string, problems: Problems): void {
  const problem = patternProblem(pattern);
  if (problem) problems['secret_path_pattern'] = problem;
}

/** Each at most once, in the order in which they are defined. */
export function checkPermissions(permissions: readonly string[], problems: Problems): Permission[] {
  const known = PERMISSIONS.filter((permission) => permissions.includes(permission));
  const unknown = permissions.some((permission) => !PERMISSIONS.includes(permission as Permission));
  if (unknown || known.length === 0) problems['permissions'] = `must be one or more of ${PERMISSIONS.join(', ')}`;
  return known;
}

export function checkPermission(permission: string, problems: Problems): void {
  if (!PERMISSIONS.includes(permission as Permission))
    problems['permission'] = `must be one of ${PERMISSIONS.join(', ')}`;
}

/** Empty = none. */
export function checkAddress(address: string, problems: Problems): void {
  if (address !== '' && isIP(address) === 0) problems['ip'] = 'must be an IPv4 or IPv6 address';
}

export function checkExpiry(expiresAt: Date | undefined, problems: Problems): void {
  if (expiresAt && Number.isNaN(expiresAt.getTime())) problems['expires_at'] = 'must be a date';
}

export function refuseProblems(problems: Problems): void {
  if (Object.keys(problems).length > 0) throw invalid('The request is not valid.', problems);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
