import { invalid } from '@oneclaw/errors';
import { validate } from 'uuid';

/** The UUID in lower case, as the database compares it. */
export function checkUuid(value: string, field: string): string {
  if (!validate(value)) throw invalid(`${field} must be a UUID.`, { [field]: 'must be a UUID' });
  return value.toLowerCase();
}

/** A whole number in [min, max]. */
export function checkInteger(value: number, min: number, max: number, field: string): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(`${field} is out of range.`, { [field]: `must be ${min} to ${max}` });
}

/** One of a few words. */
export function checkOneOf<const T extends string>(value: string, allowed: readonly T[], field: string): T {
  if ((allowed as readonly string[]).includes(value)) return value as T;
  throw invalid(`${field} is not known.`, { [field]: `must be one of ${allowed.join(', ')}` });
}
