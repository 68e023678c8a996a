import type { Preconditions, VersionSet } from '@oneclaw/contracts/vault';
import { z } from 'zod';

/** One entity tag (RFC 9110, section 8.8.3); a comma may stand within the quotes. */
const TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/y;
const SPACE = /[ \t]*/y;
const GAP = /[ \t,]*/y;
const VERSION = /^[1-9]\d{0,9}$/;
const MAX_VERSION = 2 ** 31 - 1;

interface EntityTag {
  weak: boolean;
  opaque: string;
}

/** The entity tag of a version. It is strong: another version has another one, and numbers never come again. */
export function versionTag(version: number): string {
  return `"${version}"`;
}

/** `*`, or entity tags separated by commas, some of which may stand for nothing (RFC 9110, section 5.6.1). Undefined for anything else. */
export function parseEntityTags(text: string): '*' | EntityTag[] | undefined {
  if (text.trim() === '*') return '*';
  const tags: EntityTag[] = [];
  let at = skip(GAP, text, 0);
  while (at < text.length) {
    TAG.lastIndex = at;
    const match = TAG.exec(text);
    if (!match) return undefined;
    tags.push({ weak: match[1] !== undefined, opaque: match[2] as string });
    const end = skip(SPACE, text, TAG.lastIndex);
    if (end < text.length && text[end] !== ',') return undefined;
    at = skip(GAP, text, end);
  }
  return tags;
}

function skip(what: RegExp, text: string, from: number): number {
  what.lastIndex = from;
  return from + (what.exec(text)?.[0].length ?? 0);
}

/** If-Match compares strongly, and a weak tag is no version; If-None-Match compares weakly (RFC 9110, section 8.8.3.2). */
const versions = (comparison: 'strong' | 'weak', description: string) =>
  z
    .string()
    .transform((text, context): VersionSet => {
      const tags = parseEntityTags(text);
      if (tags === '*') return { any: true, versions: [] };
      if (tags) return { any: false, versions: versionsOf(tags, comparison) };
      context.addIssue({ code: 'custom', message: 'must be * or entity tags in quotes, such as "3"' });
      return z.NEVER;
    })
    .optional()
    .meta({ schema: { type: 'string' }, description });

/** A tag that we never give out is of no version. */
function versionsOf(tags: readonly EntityTag[], comparison: 'strong' | 'weak'): number[] {
  return tags
    .filter(({ weak, opaque }) => VERSION.test(opaque) && (comparison === 'weak' || !weak))
    .map(({ opaque }) => Number(opaque))
    .filter((version) => version <= MAX_VERSION);
}

export const preconditionHeaders = z.object({
  'if-match': versions('strong', 'Only if the current version is one of these entity tags; `*`: only if there is one.'),
  'if-none-match': versions(
    'weak',
    'Only if the current version is none of these entity tags; `*`: only if there is none.',
  ),
});

export function toPreconditions(headers: z.output<typeof preconditionHeaders>): Preconditions | undefined {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  return ifMatch || ifNoneMatch ? { ifMatch, ifNoneMatch } : undefined;
}
