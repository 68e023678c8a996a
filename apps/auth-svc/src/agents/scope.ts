const LABEL = /^[A-Za-z0-9._~*:/@+=,-]{1,128}$/;
const MAX_PATTERN = 512;
const SEGMENT = /^(?:\*\*|(?!.*\*\*)[A-Za-z0-9_*-]+)$/;

/**
 * What is wrong with an agent's scope. Entries with a colon are labels ("tx:sign"); the others are path patterns: segments of
 * [A-Za-z0-9_-], "*" for one segment or a part of one, "**" for any number of whole segments.
 */
export function scopeProblem(scope: string): string | undefined {
  if (scope.includes(':')) return LABEL.test(scope) ? undefined : 'is not a label such as "tx:sign"';
  const valid = scope.length <= MAX_PATTERN && scope.split('/').every((segment) => SEGMENT.test(segment));
  return valid ? undefined : 'is not a path pattern';
}
