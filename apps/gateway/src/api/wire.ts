import { internal } from '@oneclaw/errors';

/** A message that the service must have set. */
export function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw internal(`the service answered without ${name}`);
  return value;
}

/** UTC with `Z`. */
export function instantOf(date: Date | undefined): string {
  return present(date, 'a time').toISOString();
}

export function optionalInstant(date: Date | undefined): string | undefined {
  return date?.toISOString();
}

/** Proto's empty string means absent, and absent is left out of an answer. */
export function orAbsent(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** A JSON object from a service; empty text is an empty object. */
export function objectFrom(json: string): Record<string, unknown> {
  return json === '' || json === '{}' ? {} : (JSON.parse(json) as Record<string, unknown>);
}

export function jsonOf(value: Record<string, unknown> | undefined): string {
  return value === undefined ? '' : JSON.stringify(value);
}
