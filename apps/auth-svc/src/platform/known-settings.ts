import { invalid } from '@oneclaw/errors';

export const MAINTENANCE = 'maintenance_mode';
export const REQUIRE_SIMULATION = 'intents_api.require_simulation';

const KEY = /^[a-z0-9_.]{1,128}$/;
const MAX_VALUE = 4096;

const flag = (value: string) => (value === 'true' || value === 'false' ? undefined : 'must be "true" or "false"');

/** Keys that something acts by, and what is wrong with a value, if anything. */
const KNOWN: Readonly<Record<string, (value: string) => string | undefined>> = {
  [MAINTENANCE]: flag,
  [REQUIRE_SIMULATION]: flag,
};

/** Throws invalid_argument. Keys that nothing acts by are kept all the same. */
export function checkSetting(key: string, value: string): void {
  checkKey(key);
  const problem = Object.hasOwn(KNOWN, key) ? KNOWN[key]?.(value) : problemOfAny(value);
  if (problem) throw invalid('The setting is not valid.', { value: problem });
}

export function checkKey(key: string): void {
  if (!KEY.test(key)) throw invalid('The setting is not valid.', { key: 'must be 1 to 128 of a-z, 0-9, "_" and "."' });
}

function problemOfAny(value: string): string | undefined {
  return value.length > MAX_VALUE || value.includes('\0')
    ? `must have at most ${MAX_VALUE} characters and no NUL`
    : undefined;
}
