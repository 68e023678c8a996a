import type { Preconditions, VersionSet } from '@oneclaw/contracts/vault';
import { preconditionFailed } from '@oneclaw/errors';
import { Refused } from '../audit/refusal-trail.js';

/** Beyond what the column holds, there is no version either. */
export const MAX_VERSION = 2 ** 31 - 1;

export type { Preconditions };

export function isConditional(given: Preconditions | undefined): boolean {
  return given?.ifMatch !== undefined || given?.ifNoneMatch !== undefined;
}

/** Whether a set has the version; absent sets ask for nothing. */
export function includesVersion(set: VersionSet | undefined, version: number): boolean {
  return set !== undefined && (set.any || set.versions.includes(version));
}

/** For `holds`: null = absent, "*" = any version, else an array literal of versions. */
export function setText(set: VersionSet | undefined): string | null {
  if (set === undefined) return null;
  return set.any ? '*' : `{${set.versions.filter((version) => version <= MAX_VERSION).join()}}`;
}

/**
 * SQL: whether preconditions hold for a row of `secrets` that is there (RFC 9110, section 13.1, steps 1 and 3 of 13.2.2). Evaluated
 * on the locked row, so that of several writers at once one finds the version that it knows.
 * @param row the row's alias.
 * @param ifMatch expressions of `setText`.
 */
export function holds(row: string, ifMatch: string, ifNoneMatch: string): string {
  const isIn = (set: string): string => `
    (${row}.deleted_at IS NULL AND CASE WHEN ${set} = '*' THEN true ELSE ${row}.current_version = ANY (${set}::int[]) END)`;
  return `(${ifMatch} IS NULL OR ${isIn(ifMatch)}) AND (${ifNoneMatch} IS NULL OR NOT ${isIn(ifNoneMatch)})`;
}

/** 412: nothing was done. */
export function wrongVersion(): Refused {
  return new Refused(
    preconditionFailed('The secret is not at a version that the preconditions of the request allow.'),
    'precondition_failed',
  );
}
