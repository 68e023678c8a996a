import { z } from 'zod';

const GUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
const MAX_INT32 = 2_147_483_647;

/** A UUID of any version, answered and passed on in lower case. */
export const uuid = (description?: string) =>
  z
    .string()
    .regex(GUID, 'must be a UUID')
    .transform((value) => value.toLowerCase())
    .meta({ schema: { type: 'string', format: 'uuid' }, ...(description ? { description } : {}) });

/** 1 to `max` characters, none of them NUL, which Postgres cannot hold. */
export const text = (max: number, description?: string) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => !value.includes('\0'), 'must not hold NUL')
    .meta(description ? { description } : {});

/** Up to `max` characters; clients send an empty text where there is nothing to say. */
export const freeText = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes('\0'), 'must not hold NUL');

/** Absent and `null` mean the same. */
export const optional = <S extends z.ZodType>(schema: S) =>
  schema.nullish().transform((value) => (value ?? undefined) as z.output<S> | undefined);

/** Absent stays, `null` clears, anything else replaces. */
export const clearable = <S extends z.ZodType>(schema: S) => schema.nullable().optional();

/** Any JSON object; kept as it is, never merged into anything. */
export const jsonObject = (description?: string) =>
  z
    .custom<Record<string, unknown>>(isPlainObject, 'must be a JSON object')
    .meta({ schema: { type: 'object', additionalProperties: true }, ...(description ? { description } : {}) });

export const wholeNumber = (min: number, max = MAX_INT32) => z.number().int().min(min).max(max);

/** A whole number in a query string. */
export const queryNumber = (min: number, max = MAX_INT32, description?: string) =>
  z
    .string()
    .regex(/^\d{1,10}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be between ${min} and ${max}`)
    .meta({ schema: { type: 'integer', minimum: min, maximum: max }, ...(description ? { description } : {}) });

/** Yes or no in a query string. */
export const queryFlag = (description?: string) =>
  z
    .enum(['true', 'false', '1', '0'])
    .transform((value) => value === 'true' || value === '1')
    .meta({ schema: { type: 'boolean' }, ...(description ? { description } : {}) });

/** `limit` and `cursor` of lists that can be taken a page at a time; all of it when both are absent. */
export const pageQuery = {
  limit: queryNumber(1, 1000, 'How many entries to answer at most; all of them when left out.').optional(),
  cursor: text(1024, 'The `next_cursor` of the page before.').optional(),
};

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
