/** Paths from `from` (inclusive) to `to` (exclusive), in bytewise order; no `to` = no upper end. */
export interface PathRange {
  from: string;
  to: string | null;
}

/** More ranges than this are cheaper to read as one. */
const MAX_RANGES = 16;

/**
 * Where all paths lie that begin with one prefix of each set: in order, without overlap. A superset of what a caller may list, so
 * that a narrow policy in a large vault does not read the whole of it.
 */
export function rangesOf(...sets: readonly (readonly string[])[]): PathRange[] {
  const roots = sets.map(withoutNested).reduce(intersect, ['']);
  if (roots.length <= MAX_RANGES) return roots.map((prefix) => ({ from: prefix, to: successorOf(prefix) }));
  return [{ from: roots[0] as string, to: successorOf(roots[roots.length - 1] as string) }];
}

/** Sorted; what lies within another prefix directly follows it. */
function withoutNested(prefixes: readonly string[]): string[] {
  const roots: string[] = [];
  for (const each of [...prefixes].sort()) {
    const last = roots[roots.length - 1];
    if (last === undefined || !each.startsWith(last)) roots.push(each);
  }
  return roots;
}

function intersect(some: readonly string[], others: readonly string[]): string[] {
  return withoutNested([
    ...some.filter((each) => others.some((other) => each.startsWith(other))),
    ...others.filter((each) => some.some((other) => each.startsWith(other))),
  ]);
}

/** The least text above everything that begins with an ASCII prefix. */
function successorOf(prefix: string): string | null {
  if (prefix === '') return null;
  const last = prefix.length - 1;
  return prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
}
