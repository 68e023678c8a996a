/** One segment of a pattern: fixed text, text with `*` in it (split at the stars), any one segment, or any number of them. */
type Segment = { literal: string } | { parts: readonly string[] } | 'one' | 'many';

/** A compiled path pattern; see `compilePattern`. */
export interface PathPattern {
  readonly text: string;
  /** What every matching path begins with. */
  readonly literalPrefix: string;
  /** The whole segments that every matching path begins with. */
  readonly lead: readonly string[];
  /** How many segments a matching path has at least. */
  readonly least: number;
  /** Segments that are no `**`, and stars within them: what there is to compare. */
  readonly weight: number;
  readonly segments: readonly Segment[];
}

const MAX_LENGTH = 512;
const SEGMENT = /^(?:\*\*|(?:[A-Za-z0-9_-]|\*(?!\*))+)$/;

/** What is wrong with a pattern, as a sentence for the person who wrote it; undefined = nothing. */
export function patternProblem(text: string): string | undefined {
  if (text.length < 1 || text.length > MAX_LENGTH) return `must have 1 to ${MAX_LENGTH} characters`;
  const segments = text.split('/');
  if (segments.includes('')) return 'must have no leading, trailing or double slash';
  if (segments.every((segment) => SEGMENT.test(segment))) return undefined;
  return 'must consist of segments of letters, digits, "_", "-" and "*", or "**" as a whole segment, joined by "/"';
}

/**
 * Segments are split at `/`. `*` stands for exactly one segment, or inside a segment for any run of characters (also
 * none); `**` is a segment of its own and stands for zero or more segments. Undefined where the pattern is malformed.
 */
export function compilePattern(text: string): PathPattern | undefined {
  if (patternProblem(text) !== undefined) return undefined;
  const segments = text.split('/');
  const stars = segments.findIndex((segment) => segment.includes('*'));
  const lead = stars === -1 ? segments : segments.slice(0, stars);
  const single = segments.filter((segment) => segment !== '**');
  const weight = single.join('*').split('*').length;
  const literalPrefix = prefixOf(text);
  return { text, literalPrefix, lead, least: single.length, weight, segments: segments.map(compileSegment) };
}

function compileSegment(text: string): Segment {
  if (text === '**') return 'many';
  if (text === '*') return 'one';
  return text.includes('*') ? { parts: text.split('*') } : { literal: text };
}

/** `a/**` matches `a` itself, so the slash before `**` belongs to no prefix. */
function prefixOf(text: string): string {
  const star = text.indexOf('*');
  if (star === -1) return text;
  return text.startsWith('/**', star - 1) ? text.slice(0, star - 1) : text.slice(0, star);
}

/** How many comparisons it takes, at most and roughly, to match a pattern with a path. */
export function mostSteps({ least, weight }: PathPattern, path: readonly string[]): number {
  return 1 + weight * Math.max(0, path.length - least + 1);
}

/**
 * Whether a pattern matches a path given as its segments. For a given pattern the time is linear in the path: after a mismatch only
 * the last `**` takes one segment more, since whatever an earlier one could take, the last one can take as well.
 */
export function matchesPattern({ segments: pattern, least }: PathPattern, path: readonly string[]): boolean {
  if (path.length < least) return false;
  let p = 0;
  let s = 0;
  let resumePattern = -1;
  let resumePath = 0;
  while (s < path.length) {
    const segment = pattern[p];
    if (segment === 'many') {
      p += 1;
      resumePattern = p;
      resumePath = s;
    } else if (segment !== undefined && matchesSegment(segment, path[s] as string)) {
      p += 1;
      s += 1;
    } else if (resumePattern !== -1) {
      p = resumePattern;
      resumePath += 1;
      s = resumePath;
    } else {
      return false;
    }
  }
  while (pattern[p] === 'many') p += 1;
  return p === pattern.length;
}

function matchesSegment(segment: Exclude<Segment, 'many'>, text: string): boolean {
  if (segment === 'one') return text !== '**';
  if ('literal' in segment) return segment.literal === text;
  return matchesParts(segment.parts, text);
}

/**
 * Whether every path that one pattern matches is matched by another: their segments are compared as if those of the narrower were a
 * path. False also where that takes more than a look at the segments.
 */
export function covers(wider: PathPattern, narrower: PathPattern): boolean {
  return matchesPattern(wider, narrower.text.split('/'));
}

/** The first part stands at the start, the last at the end, the others in order between them, each as early as it fits. */
function matchesParts(parts: readonly string[], text: string): boolean {
  const first = parts[0] as string;
  const last = parts[parts.length - 1] as string;
  const end = text.length - last.length;
  if (first.length > end || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (let index = 1; index < parts.length - 1; index += 1) {
    const part = parts[index] as string;
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
