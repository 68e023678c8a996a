const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i;

/**
 * What stands in the place of the wildcard at the end of `template`, exactly as the client sent it: not decoded, not
 * normalised. Routing has already matched the segments before it.
 */
export function rawTail(url: string, template: string): string {
  const path = pathOf(url);
  let start = 0;
  for (let slashes = template.split('/').length - 1; slashes > 0; slashes -= 1) start = path.indexOf('/', start) + 1;
  return path.slice(start);
}

/** Percent-decoded exactly once; what is not valid UTF-8 or not valid percent-encoding stays and fails validation. */
export function decodeOnce(raw: string): string {
  if (!raw.includes('%')) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

/** The path of a request target in origin-form or absolute-form (RFC 9112, section 3.2). */
function pathOf(url: string): string {
  const target = url.startsWith('/') ? url : url.replace(ABSOLUTE_FORM, '');
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}
