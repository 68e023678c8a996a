import { z } from 'zod';

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/**
 * Reads an RFC 3339 date-time with any offset and 0 to 9 fraction digits; digits beyond the millisecond are cut.
 * `undefined` for anything else, days that do not exist among them.
 */
export function parseTimestamp(value: string): Date | undefined {
  const match = RFC3339.exec(value);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const millisecond = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return undefined;
  local.setUTCHours(hour, minute, second, millisecond);
  const offset = (offsetHours * 60 + offsetMinutes) * 60_000;
  return new Date(local.getTime() - (match[8] === '-' ? -offset : offset));
}

const toDate = (value: string, context: z.RefinementCtx): Date => {
  const date = parseTimestamp(value);
  if (date) return date;
  context.addIssue({ code: 'custom', message: 'must be an RFC 3339 date and time, such as 2030-01-31T12:00:00Z' });
  return z.NEVER;
};

const meta = (description?: string) => ({
  schema: { type: 'string', format: 'date-time' },
  ...(description ? { description } : {}),
});

/** In a body. */
export const timestamp = (description?: string) => z.string().transform(toDate).meta(meta(description));

/** In a query string, where an unescaped `+` of an offset arrives as a space. */
export const queryTimestamp = (description?: string) =>
  z
    .string()
    .transform((value, context) => toDate(value.replace(/ (?=\d{2}:\d{2}$)/, '+'), context))
    .meta(meta(description));
